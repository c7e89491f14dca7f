import { sql } from "drizzle-orm";
import { z } from "zod";
import { db } from "#db/client.ts";
import {
  type ApiKeyIdentity,
  type ApiKeyScope,
  findApiKeyWith,
  requireScope,
} from "#lib/accounts/api-keys.ts";
import { type TokenTaken, takeToken } from "#lib/accounts/rate-limit.ts";
import type { PlanId } from "#lib/billing/catalog/plans.ts";
import { entitlementsOf, freeCreditDue } from "#lib/billing/entitlements/entitlements.ts";
import {
  currentSubscription,
  type SubscriptionRow,
  subscriptionsJson,
} from "#lib/billing/entitlements/subscription-state.ts";
import { requestBucket } from "#lib/chat/generation/request-bucket.ts";
import { holdLifetimeMs } from "#lib/chat/generation/writer.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { addToEvent } from "#lib/core/log.ts";
import { defaultTimeouts, maxCallMs } from "#lib/gateways/openai/call-timers.ts";
import {
  type AnswerHold,
  canFollowLength,
  creditReserved,
  followHold,
  planHold,
} from "#lib/usage/answer-hold.ts";
import type { HoldRates, Tokens } from "#lib/usage/charge.ts";
import { releaseHold } from "#lib/usage/holds.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";

/** The hold of a request. */
export type HeldRequest = {
  holdId: string;
  workspaceId: string;
  apiKeyId: string;
  rates: HoldRates;
  plan: PlanId;
  answer: AnswerHold;
};

/** A valid API key, with all subscriptions of its workspace. */
export type ApiCaller = { key: ApiKeyIdentity; subscriptions: SubscriptionRow[] };

/** @throws AppError model_not_found for a model that is not in the catalog */
export function requireModel(id: string, kind: Model["kind"]): Model {
  const model = findModel(id);
  if (model !== undefined && model.kind === kind) return model;
  throw new AppError("model_not_found", {
    param: "model",
    message: `The model "${id}" does not exist here. GET /api/v1/models lists those that do.`,
  });
}

/** The error for a prompt that the model cannot read, in the words that OpenAI's clients look for. */
export function contextTooLong({ contextWindow, kind }: Model): AppError {
  return new AppError("context_too_long", {
    param: kind === "chat" ? "messages" : "input",
    message: `This model's maximum context length is ${contextWindow} tokens. Your request is longer. Please shorten it.`,
  });
}

/**
 * The first of two round trips before the call to the model: loads the API key and the facts that decide
 * about the request.
 * @throws AppError invalid_api_key, forbidden
 */
export async function findCaller(secret: string, scope: ApiKeyScope, at: Date): Promise<ApiCaller> {
  const subscriptionRows = sql<SubscriptionRow[]>`${sql.raw(subscriptionsJson("workspaces.id"))}`;
  const caller = await findApiKeyWith(db(), secret, at, subscriptionRows);
  if (caller === null) throw new AppError("invalid_api_key");
  const { apiKey: key, found: subscriptions } = caller;
  addToEvent({ workspaceId: key.workspaceId, apiKeyId: key.apiKeyId });
  requireScope(key, scope);
  return { key, subscriptions };
}

/** The tokens that a request can use at most. */
type RequestTokens = {
  prompt: number;
  maxOutput: number;
  /** Whether the request itself limits its output. */
  isStated: boolean;
  /** Whether the output is seen as it is written. */
  isStreamed: boolean;
};

/**
 * The second round trip: takes a token of the rate limit and the hold. A request that the plan refuses takes
 * a token too, so that a program that repeats it is limited.
 * @param token the token that the request has taken already; null if it has taken none
 * @param headers gets the x-ratelimit-* headers, also when the request is refused
 * @throws AppError too_many_requests, plan_required, credit_reserved, insufficient_credit; in this order of
 *   precedence
 */
export async function holdForRequest(
  caller: ApiCaller,
  model: Model,
  tokens: RequestTokens,
  token: TokenTaken | null,
  headers: Headers,
  at: Date,
): Promise<HeldRequest> {
  const { key, subscriptions } = caller;
  const { gates, plan: planId, requestsPerMinute } = entitlementsOf(currentSubscription(subscriptions), at);
  if (!gates.includes(model.gate)) {
    if (token === null) await takeRequestToken(caller, headers, at);
    throw new AppError("plan_required", { message: `The model "${model.id}" needs a higher plan.` });
  }
  const scope = { price: model.price, promptTokens: tokens.prompt, maxOutputTokens: tokens.maxOutput };
  const canEnlarge = tokens.isStreamed && canFollowLength(model);
  const amounts = planHold(model.id, scope, { canEnlarge, isStated: tokens.isStated });
  const holdId = newId();
  const rates = { price: model.price, cost: model.cost };
  const payload = {
    workspaceId: key.workspaceId,
    apiKeyId: key.apiKeyId,
    budgetMicros: key.budgetMicros,
    holdId,
    model: model.id,
    holdMicros: amounts.amountMicros,
    likelyMicros: amounts.likelyMicros,
    minimumMicros: amounts.minimumMicros,
    rates,
    /** The free allowance (M9), granted if it is new; only confirmed accounts have keys. */
    grant: planId === "free" ? freeCreditDue({ ...key, emailConfirmed: true }, at) : null,
    /** The SQL function takes no token when this is null. */
    bucket: token === null ? requestBucket(key.workspaceId) : null,
    requestsPerMinute,
    at: at.toISOString(),
    expiresAt: new Date(at.getTime() + maxRequestMs(model)).toISOString(),
  };
  const [row] = await db().execute<{ result: unknown }>(
    sql`select hold_api_request(${JSON.stringify(payload)}::text::jsonb) as result`,
  );
  const result = resultSchema.parse(row?.result);
  setLimitHeaders(headers, requestsPerMinute, token?.remaining ?? result.remainingRequests);
  if (result.outcome === "too_many_requests")
    throw new AppError("too_many_requests", { retryAfterSeconds: result.retryAfterSeconds });
  if (result.outcome === "budget_spent") throw budgetSpent();
  if (result.outcome === "insufficient_credit") throw new AppError("insufficient_credit");
  if (result.outcome === "credit_reserved") throw creditReserved();
  const { workspaceId, apiKeyId, budgetMicros } = key;
  const taken = { workspaceId, holdId, heldMicros: result.heldMicros, scope, canEnlarge, budgetMicros };
  return { holdId, workspaceId, apiKeyId, rates, plan: planId, answer: followHold(db, taken) };
}

const resultSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("held"), remainingRequests: z.number(), heldMicros: z.number() }),
  z.object({
    outcome: z.literal("too_many_requests"),
    remainingRequests: z.number(),
    retryAfterSeconds: z.number(),
  }),
  z.object({ outcome: z.literal("credit_reserved"), remainingRequests: z.number() }),
  z.object({ outcome: z.literal("budget_spent"), remainingRequests: z.number() }),
  z.object({ outcome: z.literal("insufficient_credit"), remainingRequests: z.number() }),
]);

/** The hold of a request lives a little longer than the longest call to the model. */
function maxRequestMs({ accepts }: Model): number {
  return maxCallMs(defaultTimeouts, accepts.maxThinkingMs) + holdLifetimeMs;
}

/**
 * Takes a token of the rate limit before the hold, for a request whose counting is long.
 * @param headers gets the x-ratelimit-* headers, also when the request is refused
 * @throws AppError too_many_requests
 */
export async function takeRequestToken(
  { key, subscriptions }: ApiCaller,
  headers: Headers,
  at: Date,
): Promise<TokenTaken> {
  const { requestsPerMinute } = entitlementsOf(currentSubscription(subscriptions), at);
  const bucket = { capacity: requestsPerMinute, refillPerMinute: requestsPerMinute };
  const token = await takeToken(db(), requestBucket(key.workspaceId), bucket, at);
  setLimitHeaders(headers, requestsPerMinute, token.remaining);
  if (!token.ok) throw new AppError("too_many_requests", { retryAfterSeconds: token.retryAfterSeconds });
  return token;
}

function setLimitHeaders(headers: Headers, requestsPerMinute: number, remaining: number): void {
  headers.set("x-ratelimit-limit-requests", String(requestsPerMinute));
  headers.set("x-ratelimit-remaining-requests", String(remaining));
  headers.set(
    "x-ratelimit-reset-requests",
    `${Math.ceil(((requestsPerMinute - remaining) * 60) / requestsPerMinute)}s`,
  );
}

function budgetSpent(): AppError {
  return new AppError("insufficient_credit", {
    message: "This API key has spent its budget of this month.",
  });
}

/** Everything that is known about a request when it ends. */
export type RequestEnd = {
  purpose: "api" | "embedding";
  upstream: string;
  outcome: "done" | "length" | "content_filter" | "stopped" | "failed" | "out_of_credit";
  errorCode: string | null;
  /** Null when nothing was received, which costs nothing (M6). */
  usage: Tokens | null;
  /** What was used of the model although it costs nothing; we pay it. */
  ownUsage?: Tokens | undefined;
  estimated: boolean;
  firstTokenMs: number | null;
  durationMs: number;
  requestId: string;
  prompt: string | null;
  answer: string | null;
};

/** Settles or releases the hold of a request. Idempotent: only the first call changes something. */
export async function endRequest(held: HeldRequest, end: RequestEnd, at: Date): Promise<void> {
  const { holdId, workspaceId, apiKeyId, rates } = held;
  const { usage, ownUsage, estimated, ...interaction } = { ...end, userId: null };
  if (usage === null) {
    const own = ownUsage && { usage: ownUsage, rates };
    await releaseHold(db(), workspaceId, holdId, { at, interaction, ownUsage: own });
  } else await settleHold(db(), workspaceId, holdId, { usage, estimated, rates, at, apiKeyId, interaction });
}
