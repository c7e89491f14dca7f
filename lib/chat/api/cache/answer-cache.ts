import { db } from "#db/client.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { currentSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { cacheKey, isCacheable } from "#lib/chat/api/cache/cache-key.ts";
import { type CachedAnswer, readAnswer, storeAnswer } from "#lib/chat/api/cache/stored-answers.ts";
import { requireModel, takeRequestToken } from "#lib/chat/api/request-credit.ts";
import type { ApiCall } from "#lib/chat/api/running-request.ts";
import { moderationOf } from "#lib/chat/moderation/settings.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent, log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { isObject } from "#lib/gateways/openai/json.ts";
import { recordOwnCall } from "#lib/usage/interactions.ts";

/** What the cache has for a request. */
export type CacheLookup = {
  /** The stored answer; null if the model has to be asked. */
  hit: CachedAnswer | null;
  /** Stores the model's answer, if it is complete; null if it must not be stored. Never rejects. */
  store: ((answer: CachedAnswer) => Promise<void>) | null;
};

const none: CacheLookup = { hit: null, store: null };

/**
 * Looks up the answer to an equal request of the same workspace, if the client allows it. A hit takes a token
 * of the rate limit, costs nothing, and is in the request log. Sets x-parley-cache and, for a hit, age.
 * @throws AppError model_not_found, too_many_requests
 */
export async function lookUpAnswer(call: ApiCall): Promise<CacheLookup> {
  const { cache, caller, request, headers } = call;
  if (cache == null) return none;
  const label = (result: "hit" | "miss" | "bypass") => {
    headers.set("x-parley-cache", result);
    metrics.cachedAnswers.inc({ result });
    addToEvent({ cache: result });
  };
  const model = requireModel(request.model, "chat");
  const { gates, plan } = entitlementsOf(currentSubscription(caller.subscriptions), now());
  if (!gates.includes(model.gate) || !isCacheable(request)) {
    label("bypass");
    return none;
  }
  const { workspaceId, apiKeyId } = caller.key;
  const startedAtMs = performance.now();
  const key = cacheKey(request, model, moderationOf(plan).mode);
  const scope = { seconds: cache.seconds, at: now() };
  const found = cache.mode === "refresh" ? null : await readAnswer(db(), workspaceId, key, scope);
  if (found === null) {
    label("miss");
    return {
      hit: null,
      store: async (answer) => {
        if (!isComplete(answer)) return;
        await storeAnswer(db(), workspaceId, key, answer, { seconds: cache.seconds, at: now() }).catch(
          (error) => log.warn({ err: error }, "An answer could not be stored in the cache"),
        );
      },
    };
  }
  await takeRequestToken(caller, headers, now());
  label("hit");
  const { answer, ageSeconds } = found;
  headers.set("age", String(ageSeconds));
  headers.set("x-parley-model", answer.answeredBy);
  await recordOwnCall(db(), workspaceId, {
    ...answer.usage,
    model: model.id,
    upstream: answer.upstream,
    apiKeyId,
    userId: null,
    purpose: "api",
    costMicros: 0,
    estimated: false,
    firstTokenMs: null,
    durationMs: Math.round(performance.now() - startedAtMs),
    outcome: "cached",
    errorCode: null,
    requestId: call.requestId,
    prompt: null,
    answer: null,
    at: now(),
  });
  return { hit: answer, store: null };
}

/** Only answers that the model itself has ended; not those that a limit or a filter cut off. */
function isComplete({ completion: { choices } }: CachedAnswer): boolean {
  return choices.every(
    (choice) =>
      isObject(choice) && ["stop", "tool_calls", "function_call"].includes(String(choice.finish_reason)),
  );
}
