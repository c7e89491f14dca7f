import { randomUUID } from "node:crypto";
import { type Answer, chooseAnswer } from "./answer.ts";
import type { ChatRequest } from "./chat-request.ts";
import { paragraph } from "./prepared-answers.ts";
import { type Piece, piecesOf, tokensOf } from "./tokens.ts";

export type Usage = {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  reasoningTokens: number;
};

/** A prepared answer: its chunks, and finish reason and usage at the end. */
export type Completion = {
  id: string;
  createdAt: number;
  request: ChatRequest;
  /** Set for a tool call; the chunks are then its arguments. */
  toolName: string | null;
  pieces: Generator<Piece, "stop" | "length" | "tool_calls">;
};

/** Prepares the answer up to the request's token limit and stop sequences. */
export function prepareCompletion(request: ChatRequest): Completion {
  const answer: Answer = request.model.fault === "empty" ? { kind: "text", text: "" } : chooseAnswer(request);
  return {
    id: `chatcmpl-sandbox-${randomUUID()}`,
    createdAt: Math.floor(Date.now() / 1000),
    request,
    toolName: answer.kind === "tool" ? answer.name : null,
    pieces:
      answer.kind === "tool"
        ? limited(piecesOf(answer.args), request.maxTokens, "tool_calls")
        : limited(textPieces(request, answer.text), request.maxTokens, "stop"),
  };
}

function textPieces({ model, stop }: ChatRequest, text: string): Generator<Piece> {
  if (model.fault === "endless") return endlessPieces();
  const ends = stop.map((word) => text.indexOf(word)).filter((index) => index !== -1);
  return piecesOf(text.slice(0, Math.min(text.length, ...ends)));
}

function* endlessPieces(): Generator<Piece> {
  for (let index = 0; ; index += 1) yield* piecesOf(paragraph(index % 1000));
}

function* limited(
  pieces: Generator<Piece>,
  maxTokens: number,
  ending: "stop" | "tool_calls",
): Generator<Piece, "stop" | "length" | "tool_calls"> {
  let tokens = 0;
  for (const piece of pieces) {
    tokens += piece.tokens;
    if (tokens > maxTokens) return "length";
    yield piece;
  }
  return ending;
}

/** Tokens of a tool call's name. */
export function toolTokens({ toolName }: Completion): number {
  return toolName === null ? 0 : tokensOf(toolName).length;
}

/** Usage in OpenAI's format. */
export function describeUsage({ promptTokens, cachedTokens, completionTokens, reasoningTokens }: Usage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
