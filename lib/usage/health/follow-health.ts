import { db } from "#db/client.ts";
import { type Follower, followChanges } from "#db/follow-changes.ts";
import { log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { type Outage, replaceOutages, shareOutages } from "#lib/gateways/openai/health/target-health.ts";
import {
  healthChannel,
  type ModelOutage,
  notifyHealth,
  readModelOutages,
  readUpstreams,
  storeAnswer,
  storeRefusal,
} from "#lib/usage/health/health-store.ts";
import type { UpstreamHealth } from "#lib/usage/health/judge-check.ts";
import { upstreamsInUse } from "#lib/usage/price-list.ts";

/**
 * Shares the health of models between processes: each reads it from memory, writes what its own calls find
 * out, and loads what others wrote.
 */
export async function followHealth(): Promise<Follower> {
  /** Stores and notifies in the background, because a caller waits for an answer. */
  const share = (store: Promise<void>) =>
    void store
      .then(() => notifyHealth(db()))
      .catch((error) => log.warn({ err: error }, "The health of a model could not be stored"));
  shareOutages({
    onRefusal: (outage, error) => share(storeRefusal(db(), outage, error)),
    onAnswer: (target) => share(storeAnswer(db(), target, new Date())),
  });
  const follower = await followChanges(healthChannel, loadHealth);
  return {
    ...follower,
    async stop() {
      shareOutages(undefined);
      await follower.stop();
    },
  };
}

async function loadHealth(): Promise<void> {
  const [upstreams, models] = await Promise.all([readUpstreams(db()), readModelOutages(db())]);
  replaceOutages([...upstreams.flatMap(ofUpstream), ...models.flatMap(ofModel)]);
  const names = new Set(upstreamsInUse().map(({ upstream }) => upstream.name));
  for (const { upstream, outage, latencyMs } of upstreams) {
    if (!names.has(upstream)) continue;
    metrics.upstreamUp.set({ upstream }, outage === null ? 1 : 0);
    if (latencyMs !== null) metrics.upstreamCheckSeconds.set({ upstream }, latencyMs / 1_000);
  }
}

function ofUpstream({ upstream, outage, since }: UpstreamHealth): Outage[] {
  if (outage === null) return [];
  return [{ upstream, model: null, reason: outage, sinceMs: since?.getTime() ?? Date.now(), endsAtMs: null }];
}

/** A model that is missing from the list but has answered is available. */
function ofModel({ upstream, model, reason, since, endsAt, answeredAt }: ModelOutage): Outage[] {
  if (answeredAt !== null) return [];
  return [{ upstream, model, reason, sinceMs: since.getTime(), endsAtMs: endsAt?.getTime() ?? null }];
}
