import { joinContinuation } from "#lib/chat/generation/continuation/continuation.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";

/** Joins each answer of a branch with its continuations, as the chat shows them; their receipts are added. */
export function joinAnswers(branch: readonly DocumentMessage[]): DocumentMessage[] {
  const joined: DocumentMessage[] = [];
  for (const message of branch) {
    const last = joined.at(-1);
    if (last?.role === "assistant" && message.role === "assistant")
      joined[joined.length - 1] = append(last, message);
    else joined.push(message);
  }
  return joined;
}

function append(answer: DocumentMessage, continuation: DocumentMessage): DocumentMessage {
  const thinking = [...answer.parts, ...continuation.parts].filter(({ type }) => type === "reasoning");
  const text = joinContinuation(textOf(answer), textOf(continuation));
  return {
    ...answer,
    status: continuation.status,
    parts: [...thinking, { type: "text", text }],
    receipt: addReceipts(answer.receipt, continuation.receipt),
  };
}

function textOf({ parts }: DocumentMessage): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

type Receipt = DocumentMessage["receipt"];

function addReceipts(one: Receipt, other: Receipt): Receipt {
  if (one == null || other == null) return one ?? other;
  return {
    promptTokens: (one.promptTokens ?? 0) + (other.promptTokens ?? 0),
    completionTokens: (one.completionTokens ?? 0) + (other.completionTokens ?? 0),
    chargedMicros: one.chargedMicros + other.chargedMicros,
  };
}
