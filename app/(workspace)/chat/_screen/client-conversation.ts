import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { ChatMessage, Conversation } from "#lib/chat/read-conversation.ts";
import { AppError, type ErrorCode } from "#lib/core/errors.ts";

/** A conversation as the page holds it. */
export function clientConversation(conversation: Conversation) {
  const { running } = conversation;
  return {
    title: conversation.title,
    leafId: conversation.activeLeafId ?? conversation.messages.at(-1)?.id ?? null,
    messages: conversation.messages.map(clientMessage),
    running: running === null ? null : { generationId: running.generationId, answerId: running.messageId },
  };
}

function clientMessage({ createdAt, errorCode, ...message }: ChatMessage): ClientMessage {
  return {
    ...message,
    createdAt: createdAt.toISOString(),
    problem: errorCode === null ? null : { code: errorCode, message: wordsFor(errorCode) },
  };
}

/** The words for a code that was stored; the code's own text where the table still has it. */
function wordsFor(code: string): string {
  try {
    // The column holds codes of the table; one that a later version has dropped falls into the catch.
    return new AppError(code as ErrorCode).message;
  } catch {
    return "This answer could not be finished.";
  }
}
