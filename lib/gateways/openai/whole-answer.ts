import { runInTimeSlices } from "#lib/core/time-slices.ts";
import { readContent } from "#lib/gateways/openai/content.ts";
import { readErrorBody } from "#lib/gateways/openai/error-body.ts";
import {
  type FinishReason,
  isOpenAiFinishReason,
  toFinishReason,
} from "#lib/gateways/openai/finish-reason.ts";
import { isObject, type Json } from "#lib/gateways/openai/json.ts";
import { type SetAside, setAsideFromBytes, shortenInSteps } from "#lib/gateways/openai/set-aside.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import { MalformedAnswer, toUpstreamError } from "#lib/gateways/openai/upstream-errors.ts";
import { readUsage, type TokenUsage } from "#lib/gateways/openai/usage.ts";

/** An answer that is not streamed, in OpenAI's form. */
export type WholeAnswer = {
  target: Target;
  json: Json;
  /** Long log probabilities, for which `json` has marks; null if it is complete. */
  aside: SetAside | null;
  /** Text and thinking of the first choice, and everything else that the model wrote. */
  text: string;
  reasoning: string;
  otherText: string;
  /** Of the first choice. */
  finishReason: FinishReason | null;
  usage: TokenUsage | null;
};

/**
 * Reads an answer that is not streamed.
 * @throws MalformedAnswer, UpstreamError for a response without an answer
 */
export async function readWholeAnswer(target: Target, bytes: Buffer): Promise<WholeAnswer> {
  const isShort = bytes.length < setAsideFromBytes;
  const { json, aside } = isShort
    ? { json: bytes, aside: null }
    : await runInTimeSlices(shortenInSteps(bytes));
  const answer: WholeAnswer = { ...readResponse(target, json), aside, ...emptyAnswer };
  // Checked by `readResponse`.
  for (const choice of answer.json.choices as unknown[]) readChoice(choice, answer);
  return answer;
}

const emptyAnswer = { text: "", reasoning: "", otherText: "", finishReason: null };

function readChoice(choice: unknown, answer: WholeAnswer): void {
  if (!isObject(choice) || !isObject(choice.message)) throw new MalformedAnswer("a choice without a message");
  const reason = toFinishReason(choice.finish_reason);
  if (reason === "error") {
    const plain = { message: null, code: "finish_reason_error", param: null, status: null };
    throw toUpstreamError(readErrorBody({ error: choice.error }) ?? plain);
  }
  if (!isOpenAiFinishReason(choice.finish_reason)) choice.finish_reason = reason;
  const { text, reasoning, toolText } = readContent(choice.message);
  if ((choice.index ?? 0) !== 0) {
    answer.otherText += text + reasoning + toolText;
    return;
  }
  answer.text += text;
  answer.reasoning += reasoning;
  answer.otherText += toolText;
  answer.finishReason = reason;
}

/** @throws MalformedAnswer, UpstreamError for anything but an object with choices */
function readResponse(target: Target, bytes: Buffer) {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    throw new MalformedAnswer(`${bytes.length} bytes that are not JSON`);
  }
  const error = readErrorBody(json);
  if (error !== null) throw toUpstreamError(error);
  if (!isObject(json)) throw new MalformedAnswer("a response that is not an object");
  if (!Array.isArray(json.choices) || json.choices.length === 0)
    throw new MalformedAnswer("a response without choices");
  return { target, json, usage: readUsage(json) };
}
