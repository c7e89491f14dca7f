import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { Instruction } from "#lib/chat/generation/stream-events.ts";

/** The messages that a request adds, with the ids that make repeating it idempotent. */
export type Turn = { generationId: string; userMessage: ClientMessage | null; answer: ClientMessage };

/**
 * Creates a user message with its empty answer, or only an answer.
 * @param text null to regenerate the answer to the message `parentId`
 * @param instruction what the regeneration asks for
 */
export function createTurn(
  text: string | null,
  parentId: string | null,
  model: string,
  instruction: Instruction | null = null,
): Turn {
  const generationId = newUuid();
  const common = {
    createdAt: new Date().toISOString(),
    receipt: null,
    problem: null,
    reasoning: "",
    thoughtMs: 0,
    instruction: null,
    rating: null,
  };
  const userMessage: ClientMessage | null =
    text === null
      ? null
      : {
          ...common,
          id: newUuid(),
          parentId,
          role: "user",
          text,
          status: "done",
          model: null,
          generationId: null,
        };
  const answer: ClientMessage = {
    ...common,
    id: newUuid(),
    parentId: userMessage?.id ?? parentId,
    role: "assistant",
    text: "",
    status: "streaming",
    model,
    generationId,
    instruction,
  };
  return { generationId, userMessage, answer };
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
