import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { ChatMessage, Conversation } from "#lib/chat/conversations/read-conversation.ts";
import { AppError, type ErrorCode } from "#lib/core/errors.ts";

/** Converts a conversation to the client's state. */
export function toClientConversation(conversation: Conversation) {
  const { running } = conversation;
  return {
    title: conversation.title,
    leafId: conversation.activeLeafId ?? conversation.messages.at(-1)?.id ?? null,
    messages: conversation.messages.map(toClientMessage),
    running: running === null ? null : { generationId: running.generationId, answerId: running.messageId },
  };
}

function toClientMessage({ createdAt, errorCode, ...message }: ChatMessage): ClientMessage {
  return {
    ...message,
    createdAt: createdAt.toISOString(),
    problem:
      errorCode === null
        ? null
        : { code: errorCode, message: errorMessage(errorCode, message.receipt !== null) },
  };
}

/**
 * The public message for a stored error code; a generic one for codes that no longer exist. The messages of
 * the table say that nothing was charged.
 */
function errorMessage(code: string, isCharged: boolean): string {
  if (isCharged) return "The answer broke off.";
  try {
    // The column holds error codes, possibly of an older release; AppError throws for unknown ones.
    return new AppError(code as ErrorCode).message;
  } catch {
    return "This answer could not be finished.";
  }
}
