import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { ChatMessage, Conversation } from "#lib/chat/conversations/read-conversation.ts";

/** Converts a conversation to the client's state. */
export function toClientConversation(conversation: Conversation) {
  const { running } = conversation;
  return {
    title: conversation.title,
    parameters: conversation.parameters,
    listed: conversation.listed,
    leafId: conversation.activeLeafId ?? conversation.messages.at(-1)?.id ?? null,
    messages: conversation.messages.map(toClientMessage),
    running: running.map(({ generationId, messageId }) => ({
      generationId,
      answerId: messageId,
      waiting: false,
    })),
  };
}

function toClientMessage({ createdAt, errorCode, ...message }: ChatMessage): ClientMessage {
  return {
    ...message,
    createdAt: createdAt.toISOString(),
    problem: errorCode === null ? null : { code: errorCode },
  };
}
