import { sql as database, db } from "#db/client.ts";
import type { ApiKeyIdentity } from "#lib/accounts/api-keys.ts";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import { type SubscriptionState, subscriptionJson } from "#lib/billing/read.ts";
import { holdMs } from "#lib/chat/journal.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import { AppError } from "#lib/ground/errors.ts";
import { newId } from "#lib/ground/ids.ts";
import { chargeMicros, holdFor } from "#lib/usage/charge.ts";
import { releaseHold, takeHold } from "#lib/usage/holds.ts";
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

type Standing = {
  subscription: SubscriptionState | null;
  availableMicros: number;
  freeGrantGiven: boolean;
  spentThisMonthMicros: number;
};

/** @throws AppError not_found for a model that is not on offer here */
export function modelFor(id: string, kind: Model["kind"]): Model {
  const model = findModel(id);
  if (model !== undefined && model.kind === kind) return model;
  throw new AppError("not_found", {
    message: `The model "${id}" does not exist here. GET /api/v1/models lists those that do.`,
  });
}

/**
 * Takes a request's place in the rate limit and its hold.
 * @param headers gets the x-ratelimit-* headers, also when the request is refused
 * @throws AppError plan_required, too_many_requests, insufficient_credit
 */
export async function holdForRequest(
  key: ApiKeyIdentity,
  model: Model,
  tokens: { prompt: number; maxOutput: number },
  headers: Headers,
  at: Date,
): Promise<HeldRequest> {
  const standing = await readStanding(key, at);
  const entitlements = entitlementsOf(standing.subscription, at);
  await takeTurn(key, entitlements.requestsPerMinute, headers, at);
  if (!entitlements.gates.includes(model.gate)) {
    throw new AppError("plan_required", { message: `The model "${model.id}" needs a higher plan.` });
  }
  const free = entitlements.plan === "free" && !standing.freeGrantGiven;
  const grant = free ? freeAllowance(key.workspaceCreatedAt, at) : undefined;
  const availableMicros = standing.availableMicros + (grant?.amountMicros ?? 0);
  const budgetMicros = budgetLeft(key, standing);
  const price = { price: model.price, promptTokens: tokens.prompt, maxOutputTokens: tokens.maxOutput };
  const hold = holdFor({ ...price, availableMicros: Math.min(availableMicros, budgetMicros) });
  if (hold === null) throw new AppError("insufficient_credit");
  const holdId = newId();
  const taken = await takeHold(db(), key.workspaceId, {
    holdId,
    subjectId: holdId,
    subjectKind: "request",
    model: model.id,
    amountMicros: hold.amountMicros,
    minimumMicros: chargeMicros(model.price, {
      promptTokens: tokens.prompt,
      cachedTokens: 0,
      completionTokens: Math.min(1, tokens.maxOutput),
    }),
    rates: { price: model.price, cost: model.cost },
    at,
    expiresAt: new Date(at.getTime() + requestHoldMs),
    apiKey: { id: key.apiKeyId, budgetMicros: key.budgetMicros },
    ...(grant !== undefined && { grant }),
  });
  if (!taken.ok) throw taken.lacks === "budget" ? budgetIsSpent() : new AppError("insufficient_credit");
  const paid = holdFor({ ...price, availableMicros: taken.amountMicros });
  const maxCompletionTokens = paid?.maxCompletionTokens ?? 1;
  return {
    holdId,
    workspaceId: key.workspaceId,
    apiKeyId: key.apiKeyId,
    maxCompletionTokens,
    clamped: maxCompletionTokens < tokens.maxOutput,
  };
}

/** A request ends within ten minutes, whatever happens; its hold outlives it by a little. */
const requestHoldMs = 600_000 + holdMs;

async function readStanding(key: ApiKeyIdentity, at: Date): Promise<Standing> {
  const sql = database();
  const moment = at.toISOString();
  const monthStart = at.toISOString().slice(0, 8).concat("01");
  const [row] = await sql<Standing[]>`
    select ${sql.unsafe(subscriptionJson("w.id"))} as subscription,
      available_credit(w.id, ${moment})::float8 as "availableMicros",
      exists (
        select 1 from grants g
        where g.workspace_id = w.id and g.source_key like 'free:%' and g.starts_at <= ${moment} and g.expires_at > ${moment}
      ) as "freeGrantGiven",
      coalesce((
        select sum(u.charged_micros) from usage_daily u
        where u.workspace_id = w.id and u.api_key_id = ${key.apiKeyId} and u.day >= ${monthStart}::date
      ), 0)::float8 as "spentThisMonthMicros"
    from workspaces w where w.id = ${key.workspaceId}`;
  if (row === undefined) throw new AppError("invalid_api_key");
  return row;
}

async function takeTurn(
  key: ApiKeyIdentity,
  requestsPerMinute: number,
  headers: Headers,
  at: Date,
): Promise<void> {
  const bucket = { capacity: requestsPerMinute, refillPerMinute: requestsPerMinute };
  const turn = await takeToken(db(), requestBucket(key.workspaceId), bucket, at);
  headers.set("x-ratelimit-limit-requests", String(requestsPerMinute));
  headers.set("x-ratelimit-remaining-requests", String(turn.remaining));
  headers.set(
    "x-ratelimit-reset-requests",
    `${Math.ceil(((requestsPerMinute - turn.remaining) * 60) / requestsPerMinute)}s`,
  );
  if (!turn.ok) throw new AppError("too_many_requests", { retryAfterSeconds: turn.retryAfterSeconds });
}

/** The bucket that a workspace's requests share, in the chat and in the API. */
export function requestBucket(workspaceId: string): string {
  return `requests:${workspaceId}`;
}

/** @throws AppError insufficient_credit when the key has spent what it may this month */
function budgetLeft(key: ApiKeyIdentity, standing: Standing): number {
  if (key.budgetMicros === null) return Number.MAX_SAFE_INTEGER;
  const leftMicros = key.budgetMicros - standing.spentThisMonthMicros;
  if (leftMicros > 0) return leftMicros;
  throw budgetIsSpent();
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
