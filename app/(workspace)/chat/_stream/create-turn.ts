import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import type { Instruction } from "#lib/chat/generation/stream-events.ts";

/** An answer that is going to be requested, with the id that makes repeating the request idempotent. */
export type RequestedAnswer = ClientMessage & { generationId: string; model: string };

/** The messages that a request adds. */
export type Turn = { userMessage: ClientMessage | null; answer: RequestedAnswer };

/** The fields of a new message. */
const emptyMessage = {
  receipt: null,
  problem: null,
  tokens: null,
  reasoning: "",
  thoughtMs: 0,
  instruction: null,
  rating: null,
};

/**
 * Creates a user message with its empty answer, or only an answer.
 * @param text null to regenerate the answer to the message `parentId`, or to continue it if it is an answer
 * @param instruction what the regeneration asks for
 */
export function createTurn(
  text: string | null,
  parentId: string | null,
  model: string,
  instruction: Instruction | null = null,
  attachments: AttachmentInfo[] = [],
): Turn {
  const userMessage = text === null ? null : createUserMessage(text, parentId, attachments);
  return { userMessage, answer: createAnswer(userMessage?.id ?? parentId, model, instruction) };
}

/** Creates a user message with an empty answer per model. */
export function createComparison(
  text: string,
  parentId: string | null,
  models: string[],
  attachments: AttachmentInfo[] = [],
): { userMessage: ClientMessage; answers: RequestedAnswer[] } {
  const userMessage = createUserMessage(text, parentId, attachments);
  // Answers of the same millisecond are shown in the order of their ids.
  const ids = models.map(newUuid).sort();
  const answers = models.map((model, index) => ({
    ...createAnswer(userMessage.id, model, null),
    id: ids[index] ?? newUuid(),
  }));
  return { userMessage, answers };
}

function createUserMessage(
  text: string,
  parentId: string | null,
  attachments: AttachmentInfo[],
): ClientMessage {
  return {
    ...emptyMessage,
    id: newUuid(),
    createdAt: new Date().toISOString(),
    parentId,
    role: "user",
    text,
    status: "done",
    model: null,
    generationId: null,
    attachments,
  };
}

function createAnswer(
  parentId: string | null,
  model: string,
  instruction: Instruction | null,
): RequestedAnswer {
  return {
    ...emptyMessage,
    id: newUuid(),
    createdAt: new Date().toISOString(),
    parentId,
    role: "assistant",
    text: "",
    status: "streaming",
    model,
    generationId: newUuid(),
    instruction,
  };
}

/**
 * A random UUID (RFC 9562, version 4). `crypto.randomUUID` exists only over TLS, and a local phone may
 * connect without.
 */
export function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const octet = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return octet.toString(16).padStart(2, "0");
  }).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
