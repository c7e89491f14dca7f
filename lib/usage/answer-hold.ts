import type { Tx } from "#db/client.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { type HoldScope, holdFor, maxCompletionTokens } from "#lib/usage/charge.ts";
import { enlargeHold } from "#lib/usage/holds.ts";
import { likelyOutputTokens } from "#lib/usage/likely-output.ts";
import { type Model, targetsOf } from "#lib/usage/price-list.ts";

/**
 * Whether the hold of a streamed answer can follow its length: every token is seen as it is written. A model
 * that thinks in silence is charged for tokens that nobody sees before the end.
 */
export function canFollowLength(model: Model): boolean {
  return targetsOf(model).every(({ accepts }) => accepts.maxThinkingMs === null);
}

/** The amounts that fit_hold chooses from, in micro-USD. */
export type HoldPlan = { amountMicros: number; likelyMicros: number; minimumMicros: number };

/**
 * Plans the hold of an answer (M5): of its likely length if the hold can be enlarged meanwhile, else of its
 * greatest length, or less where that would reserve most of the credit.
 * @param scope the greatest length that was requested
 * @param options.isStated the request itself names its greatest length, which is held if it fits
 */
export function planHold(
  modelId: string,
  scope: HoldScope,
  options: { canEnlarge: boolean; isStated: boolean },
): HoldPlan {
  const { amountMicros, minimumMicros } = holdFor(scope);
  const likelyTokens = Math.min(scope.maxOutputTokens, likelyOutputTokens(modelId));
  const likelyMicros = holdFor({ ...scope, maxOutputTokens: likelyTokens }).amountMicros;
  if (options.canEnlarge) return { amountMicros: likelyMicros, likelyMicros, minimumMicros };
  return { amountMicros, likelyMicros: options.isStated ? amountMicros : likelyMicros, minimumMicros };
}

/** The wait that is suggested; holds end with every answer. */
const reservedRetrySeconds = 3;

/** The error where only holds of running answers are in the way: the same request may fit soon. */
export function creditReserved(): AppError {
  return new AppError("credit_reserved", { retryAfterSeconds: reservedRetrySeconds });
}

/** The hold of a running answer, in tokens. */
export type AnswerHold = {
  /** The most tokens that the model is asked for. */
  askedTokens: number;
  /** The tokens that the hold pays for now. */
  paidTokens(): number;
  /** True when credit or budget, not the request or the model, limits the answer to `paidTokens`. */
  isLimiting(): boolean;
  /** Takes a further slice; false when there is nothing left to take, and the answer ends here. */
  enlarge(): Promise<boolean>;
};

/** Returns the limit of an answer that is not charged. */
export function fixedLimit(tokens: number): AnswerHold {
  return {
    askedTokens: tokens,
    paidTokens: () => tokens,
    isLimiting: () => false,
    enlarge: () => Promise.resolve(false),
  };
}

type TakenHold = {
  workspaceId: string;
  holdId: string;
  heldMicros: number;
  scope: HoldScope;
  canEnlarge: boolean;
  /** The monthly limit of the request's API key. */
  budgetMicros: number | null;
};

/**
 * Follows the hold of an answer. Each slice doubles what is paid for, so that a long answer takes few round
 * trips and an answer of likely length takes none.
 */
export function followHold(db: () => Tx, hold: TakenHold): AnswerHold {
  const { scope, canEnlarge, workspaceId, holdId, budgetMicros } = hold;
  let heldMicros = hold.heldMicros;
  let paidTokens = maxCompletionTokens(scope, heldMicros);
  let isExhausted = false;
  const askedTokens = canEnlarge ? scope.maxOutputTokens : paidTokens;
  return {
    askedTokens,
    paidTokens: () => paidTokens,
    isLimiting: () => (canEnlarge ? isExhausted : paidTokens < scope.maxOutputTokens),
    async enlarge() {
      if (!canEnlarge || paidTokens >= scope.maxOutputTokens) return false;
      const wanted = Math.min(scope.maxOutputTokens, paidTokens + Math.max(paidTokens, minimumSlice));
      const { amountMicros } = holdFor({ ...scope, maxOutputTokens: wanted });
      const extension = { moreMicros: amountMicros - heldMicros, budgetMicros, at: now() };
      const enlarged = await enlargeHold(db(), workspaceId, holdId, extension);
      const before = paidTokens;
      heldMicros = enlarged ?? heldMicros;
      paidTokens = maxCompletionTokens(scope, heldMicros);
      isExhausted = paidTokens === before;
      return !isExhausted;
    },
  };
}

/** The smallest slice, in tokens. */
const minimumSlice = 512;
