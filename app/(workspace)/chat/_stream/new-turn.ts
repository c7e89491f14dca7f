import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

/** What is about to be asked: the messages it adds here, and the ids that make sending it twice harmless. */
export type Turn = { generationId: string; userMessage: ClientMessage | null; answer: ClientMessage };

/**
 * A new question with its empty answer, or another answer alone.
 * @param text null to answer the message `parentId` once more
 */
export function newTurn(text: string | null, parentId: string | null, model: string): Turn {
  const generationId = newUuid();
  const plain = { createdAt: new Date().toISOString(), receipt: null, problem: null };
  const userMessage: ClientMessage | null =
    text === null
      ? null
      : {
          ...plain,
          id: newUuid(),
          parentId,
          role: "user",
          text,
          status: "done",
          model: null,
          generationId: null,
        };
  const answer: ClientMessage = {
    ...plain,
    id: newUuid(),
    parentId: userMessage?.id ?? parentId,
    role: "assistant",
    text: "",
    status: "streaming",
    model,
    generationId,
  };
  return { generationId, userMessage, answer };
}

/** A random UUID (RFC 9562, version 4). Browsers offer one by themselves over TLS alone, and a phone may visit without. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, "0");
  }).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
