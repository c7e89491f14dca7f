import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { db } from "#db/client.ts";
import {
  type ApiKeyIdentity,
  type ApiKeyScope,
  findApiKeyAnd,
  requireScope,
} from "#lib/accounts/api-keys.ts";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import { type SubscriptionState, subscriptionJson } from "#lib/billing/read.ts";
import { holdMs } from "#lib/chat/journal.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { addToEvent } from "#lib/core/log.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import { chargeMicros, holdFor } from "#lib/usage/charge.ts";
import { releaseHold } from "#lib/usage/holds.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";

/** Credit that is held for one request, and what it pays for. */
export type HeldRequest = {
  holdId: string;
  workspaceId: string;
  apiKeyId: string;
  maxCompletionTokens: number;
  clamped: boolean;
};

/** What decides about a request, as it is at one moment. */
type Standing = {
  subscription: SubscriptionState | null;
  availableMicros: number;
  freeGrantGiven: boolean;
  spentThisMonthMicros: number;
};
/** A key that may be used for what is asked, and the standing of its workspace. */
export type ApiCaller = { key: ApiKeyIdentity; standing: Standing };

/** @throws AppError not_found for a model that is not on offer here */
export function modelFor(id: string, kind: Model["kind"]): Model {
  const model = findModel(id);
  if (model !== undefined && model.kind === kind) return model;
  throw new AppError("not_found", {
    message: `The model "${id}" does not exist here. GET /api/v1/models lists those that do.`,
  });
}

/**
 * The first of the two round trips before a model is asked: whose key it is, and everything that decides about the request.
 * @throws AppError invalid_api_key, forbidden
 */
export async function findCaller(secret: string, scope: ApiKeyScope, at: Date): Promise<ApiCaller> {
  const caller = await findApiKeyAnd(db(), secret, at, standingJson(at));
  if (caller === null) throw new AppError("invalid_api_key");
  const { apiKey: key, found: standing } = caller;
  addToEvent({ workspaceId: key.workspaceId, apiKeyId: key.apiKeyId });
  requireScope(key, scope);
  return { key, standing };
}

function standingJson(at: Date): SQL<Standing> {
  const moment = sql`${at.toISOString()}::timestamptz`;
  const monthStart = at.toISOString().slice(0, 8).concat("01");
  return sql<Standing>`json_build_object(
    'subscription', ${sql.raw(subscriptionJson("workspaces.id"))},
    'availableMicros', available_credit(workspaces.id, ${moment}),
    'freeGrantGiven', exists (
      select 1 from grants g
      where g.workspace_id = workspaces.id and g.source_key like 'free:%' and g.starts_at <= ${moment} and g.expires_at > ${moment}
    ),
    'spentThisMonthMicros', coalesce((
      select sum(u.charged_micros) from usage_daily u
      where u.workspace_id = workspaces.id and u.api_key_id = api_keys.id and u.day >= ${monthStart}::date
    ), 0)
  )`;
}

/**
 * The second: takes a request's place in the rate limit and its hold. What is refused by its standing alone takes its place all the
 * same, so that a program that asks in vain is slowed down.
 * @param headers gets the x-ratelimit-* headers, also when the request is refused
 * @throws AppError plan_required, too_many_requests, insufficient_credit
 */
export async function holdForRequest(
  caller: ApiCaller,
  model: Model,
  tokens: { prompt: number; maxOutput: number },
  headers: Headers,
  at: Date,
): Promise<HeldRequest> {
  const { key } = caller;
  const { requestsPerMinute, ...decision } = decideRequest(caller, model, tokens, at);
  if ("refusal" in decision) {
    await takeTurn(key, requestsPerMinute, headers, at);
    throw decision.refusal;
  }
  const holdId = newId();
  const wish = {
    workspaceId: key.workspaceId,
    apiKeyId: key.apiKeyId,
    budgetMicros: key.budgetMicros,
    holdId,
    model: model.id,
    ...decision.hold,
    rates: { price: model.price, cost: model.cost },
    bucket: requestBucket(key.workspaceId),
    requestsPerMinute,
    at: at.toISOString(),
    expiresAt: new Date(at.getTime() + requestHoldMs).toISOString(),
  };
  const [row] = await db().execute<{ result: unknown }>(
    sql`select hold_request(${JSON.stringify(wish)}::text::jsonb) as result`,
  );
  const result = resultSchema.parse(row?.result);
  announceLimit(headers, requestsPerMinute, result.turnsLeft);
  if (result.outcome === "too_many_requests")
    throw new AppError("too_many_requests", { retryAfterSeconds: result.retryAfterSeconds });
  if (result.outcome === "budget_spent") throw budgetIsSpent();
  if (result.outcome === "insufficient_credit") throw new AppError("insufficient_credit");
  const price = { price: model.price, promptTokens: tokens.prompt, maxOutputTokens: tokens.maxOutput };
  const maxCompletionTokens =
    holdFor({ ...price, availableMicros: result.heldMicros })?.maxCompletionTokens ?? 1;
  return {
    holdId,
    workspaceId: key.workspaceId,
    apiKeyId: key.apiKeyId,
    maxCompletionTokens,
    clamped: maxCompletionTokens < tokens.maxOutput,
  };
}

const resultSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("held"), turnsLeft: z.number(), heldMicros: z.number() }),
  z.object({
    outcome: z.literal("too_many_requests"),
    turnsLeft: z.number(),
    retryAfterSeconds: z.number(),
  }),
  z.object({ outcome: z.literal("budget_spent"), turnsLeft: z.number() }),
  z.object({ outcome: z.literal("insufficient_credit"), turnsLeft: z.number() }),
]);

/** A request ends within ten minutes, whatever happens; its hold outlives it by a little. */
const requestHoldMs = 600_000 + holdMs;

/** What a request comes to, by its standing. Pure. */
function decideRequest(
  { key, standing }: ApiCaller,
  model: Model,
  tokens: { prompt: number; maxOutput: number },
  at: Date,
) {
  const { gates, plan, requestsPerMinute } = entitlementsOf(standing.subscription, at);
  const refuse = (refusal: AppError) => ({ requestsPerMinute, refusal });
  if (!gates.includes(model.gate))
    return refuse(new AppError("plan_required", { message: `The model "${model.id}" needs a higher plan.` }));
  const isDue = plan === "free" && !standing.freeGrantGiven;
  const grant = isDue ? freeAllowance(key.workspaceCreatedAt, at) : null;
  const creditMicros = standing.availableMicros + (grant?.amountMicros ?? 0);
  const budgetMicros =
    key.budgetMicros === null ? Number.MAX_SAFE_INTEGER : key.budgetMicros - standing.spentThisMonthMicros;
  if (budgetMicros <= 0) return refuse(budgetIsSpent());
  const price = { price: model.price, promptTokens: tokens.prompt, maxOutputTokens: tokens.maxOutput };
  const hold = holdFor({ ...price, availableMicros: Math.min(creditMicros, budgetMicros) });
  if (hold === null) return refuse(new AppError("insufficient_credit"));
  const least = {
    promptTokens: tokens.prompt,
    cachedTokens: 0,
    completionTokens: Math.min(1, tokens.maxOutput),
  };
  const minimumMicros = chargeMicros(model.price, least);
  return { requestsPerMinute, hold: { holdMicros: hold.amountMicros, minimumMicros, grant } };
}

async function takeTurn(
  key: ApiKeyIdentity,
  requestsPerMinute: number,
  headers: Headers,
  at: Date,
): Promise<void> {
  const bucket = { capacity: requestsPerMinute, refillPerMinute: requestsPerMinute };
  const turn = await takeToken(db(), requestBucket(key.workspaceId), bucket, at);
  announceLimit(headers, requestsPerMinute, turn.remaining);
  if (!turn.ok) throw new AppError("too_many_requests", { retryAfterSeconds: turn.retryAfterSeconds });
}

function announceLimit(headers: Headers, requestsPerMinute: number, turnsLeft: number): void {
  headers.set("x-ratelimit-limit-requests", String(requestsPerMinute));
  headers.set("x-ratelimit-remaining-requests", String(turnsLeft));
  headers.set(
    "x-ratelimit-reset-requests",
    `${Math.ceil(((requestsPerMinute - turnsLeft) * 60) / requestsPerMinute)}s`,
  );
}

/** The bucket that a workspace's requests share, in the chat and in the API. */
export function requestBucket(workspaceId: string): string {
  return `requests:${workspaceId}`;
}

function budgetIsSpent(): AppError {
  return new AppError("insufficient_credit", {
    message:
      "This API key has spent its budget of this month, or its running requests have reserved the rest.",
  });
}

/** What is known of a request when it ends. */
export type RequestEnding = {
  purpose: "api" | "embedding";
  upstream: string;
  outcome: "done" | "stopped" | "failed" | "out_of_credit";
  errorCode: string | null;
  /** Null when nothing was received, which costs nothing (M6). */
  usage: Pick<TokenUsage, "promptTokens" | "cachedTokens" | "completionTokens"> | null;
  estimated: boolean;
  firstTokenMs: number | null;
  durationMs: number;
  requestId: string;
  prompt: string | null;
  answer: string | null;
};

/** Settles or releases a request's hold; whichever comes first counts, and a second time changes nothing. */
export async function endRequest(held: HeldRequest, ending: RequestEnding, at: Date): Promise<void> {
  const { usage, estimated, ...interaction } = { ...ending, userId: null };
  if (usage === null) await releaseHold(db(), held.workspaceId, held.holdId, { at, interaction });
  else
    await settleHold(db(), held.workspaceId, held.holdId, {
      usage,
      estimated,
      at,
      apiKeyId: held.apiKeyId,
      interaction,
    });
}
