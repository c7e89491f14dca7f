import { createBudget } from "#lib/chat/generation/budget.ts";
import type { Delta } from "#lib/gateways/openai/chunk-reader.ts";
import type { FinishReason } from "#lib/gateways/openai/finish-reason.ts";
import type { TokenUsage } from "#lib/gateways/openai/usage.ts";
import type { AnswerHold } from "#lib/usage/answer-hold.ts";
import { type BelievedUsage, believeUsage } from "#lib/usage/believed-usage.ts";
import { countTextInTimeSlices, truncateText } from "#lib/usage/tokens.ts";

/**
 * What the model writes: the text of the answer, its thinking, and the rest (tool calls, further choices).
 */
type Output = Pick<Delta, "text" | "reasoning" | "otherText">;

/** The request that an answer belongs to, as far as it limits the charge. */
export type AnswerLimits = {
  modelId: string;
  promptTokens: number;
  images: number;
  /** What was asked for, and what is paid for. */
  hold: AnswerHold;
};

/** How the answer ended, as far as it decides what is charged. */
export type AnswerEnd = {
  /** False if it was stopped or cut, so that what was reported may not cover what was received. */
  hasEnded: boolean;
  /** It failed by the upstream's fault or ours. */
  hasFailed: boolean;
  upstream: string;
};

/** Everything that was received of an answer; decides what it costs. */
export type ReceivedAnswer = {
  /**
   * Adds what was received; true once it exceeds what the hold pays for and the hold cannot be enlarged. A
   * promise must have ended before the next call.
   */
  add(output: Output & Pick<Delta, "usage" | "finishReason">): boolean | Promise<boolean>;
  /** Returns the part of the last addition that is within the limit. */
  cut(output: Output): Promise<Output>;
  finishReason(): FinishReason | null;
  /** Returns the usage to charge; null for an answer that costs nothing (M6). */
  measure(end: AnswerEnd): Promise<BelievedUsage | null>;
};

/** Creates the record of an answer. The work per addition does not depend on what was received before. */
export function createReceivedAnswer({ modelId, promptTokens, images, hold }: AnswerLimits): ReceivedAnswer {
  const budget = createBudget(modelId, hold.paidTokens);
  let wasCut = false;
  let usage: TokenUsage | null = null;
  let finishReason: FinishReason | null = null;
  let receivedBytes = 0;
  let hasAnswer = false;
  /** Enlarges the hold until it pays for what was received. */
  const exceedsHold = async (isOver: true | Promise<boolean>) => {
    if (!(await isOver)) return false;
    while ((await budget.receivedTokens()) > hold.paidTokens()) if (!(await hold.enlarge())) return true;
    return false;
  };
  return {
    add(output) {
      // Some servers end with a usage of zeros.
      if (output.usage !== null && (usage === null || output.usage.completionTokens !== 0))
        usage = output.usage;
      finishReason = output.finishReason ?? finishReason;
      hasAnswer ||= output.text !== "" || output.otherText !== "";
      const text = output.reasoning + output.text + output.otherText;
      if (text === "") return false;
      receivedBytes += Buffer.byteLength(text);
      const isOver = budget.add(text);
      return isOver === false ? false : exceedsHold(isOver);
    },
    async cut(output) {
      wasCut = true;
      let excess = (await budget.receivedTokens()) - hold.paidTokens();
      const shorten = async (text: string) => {
        if (excess <= 0 || text === "") return text;
        const tokens = await countTextInTimeSlices(modelId, text);
        const kept = Math.max(0, tokens - excess);
        excess -= tokens - kept;
        return truncateText(modelId, text, kept);
      };
      const otherText = await shorten(output.otherText);
      const text = await shorten(output.text);
      return { reasoning: await shorten(output.reasoning), text, otherText };
    },
    finishReason: () => finishReason,
    async measure({ hasEnded, hasFailed, upstream }) {
      // Thinking without an answer costs nothing when the answer failed, and what it took when it was
      // stopped.
      if (hasFailed && !hasAnswer) return null;
      // An answer that is all hidden thinking was cut by its own limit; any other empty answer is free.
      if (receivedBytes === 0 && finishReason !== "length") return null;
      const receivedTokens = budget.receivedTokens;
      const maxTokens = wasCut ? hold.paidTokens() : hold.askedTokens;
      const own = { promptTokens, images, receivedBytes, receivedTokens, maxTokens, hasEnded };
      const believed = await believeUsage(usage, own, { upstream, model: modelId });
      return receivedBytes === 0 && believed.completionTokens === 0 ? null : believed;
    },
  };
}
