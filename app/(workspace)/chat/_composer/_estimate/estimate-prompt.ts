import { estimateTokens } from "#app/(workspace)/chat/_composer/_estimate/estimate-tokens.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { tokensPerMessage, tokensPerPrompt } from "#lib/usage/protocol-tokens.ts";

/**
 * Returns the tokens that a branch adds to the next prompt: as the server counted them, and an estimate for
 * messages of this visit.
 */
export function branchTokens(branch: readonly Pick<ClientMessage, "text" | "tokens">[]): number {
  let sum = tokensPerPrompt;
  for (const { text, tokens } of branch)
    if (text !== "") sum += (tokens ?? estimateTokens(text)) + tokensPerMessage;
  return sum;
}

export type PromptEstimate = {
  /** The tokens of the prompt that would be sent. */
  promptTokens: number;
  /** The charge with a usual answer, in micro-USD. */
  costMicros: number;
  /** The share of the context window that branch and draft take; above 1 when they do not fit. */
  share: number;
  /** "shortened": the server will leave out earlier messages. "tooLong": the draft alone does not fit. */
  fit: "fits" | "nearlyFull" | "shortened" | "tooLong";
};

type Limits = Pick<
  PickerModel,
  | "inputMicrosPerMillion"
  | "outputMicrosPerMillion"
  | "contextWindow"
  | "maxPromptTokens"
  | "maxAnswerTokens"
  | "usualAnswerTokens"
>;

/** From this share of the context window on, the estimate warns. */
const nearlyFullShare = 0.8;

/**
 * Estimates the prompt and the charge of a message before it is sent.
 * @param contextTokens the tokens of the branch (`branchTokens`)
 */
export function estimatePrompt(
  draft: string,
  contextTokens: number,
  model: Limits,
  { maxTokens }: AnswerParameters,
): PromptEstimate {
  const draftTokens = draft.trim() === "" ? 0 : estimateTokens(draft) + tokensPerMessage;
  const wantedTokens = contextTokens + draftTokens;
  const promptTokens = Math.min(wantedTokens, model.maxPromptTokens);
  const { inputMicrosPerMillion, outputMicrosPerMillion, contextWindow } = model;
  const completionTokens = Math.min(
    model.usualAnswerTokens,
    model.maxAnswerTokens,
    maxTokens ?? Number.POSITIVE_INFINITY,
  );
  const share = wantedTokens / contextWindow;
  return {
    promptTokens,
    costMicros: chargeMicros(
      { inputMicrosPerMillion, cachedInputMicrosPerMillion: inputMicrosPerMillion, outputMicrosPerMillion },
      { promptTokens, cachedTokens: 0, completionTokens },
    ),
    share,
    fit:
      draftTokens + tokensPerPrompt > model.maxPromptTokens
        ? "tooLong"
        : wantedTokens > model.maxPromptTokens
          ? "shortened"
          : share >= nearlyFullShare
            ? "nearlyFull"
            : "fits",
  };
}
