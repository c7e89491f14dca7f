import { db } from "#db/client.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { log } from "#lib/core/log.ts";
import type { Upstream } from "#lib/gateways/openai/client.ts";
import { isListed, listModels, type ModelList } from "#lib/gateways/openai/health/list-models.ts";
import { UpstreamConnectionError, UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";
import { claimChecks, notifyHealth, storeCheck, storeListing } from "#lib/usage/health/health-store.ts";
import {
  type CheckResult,
  judgeCheck,
  pauseAfter,
  type UpstreamHealth,
} from "#lib/usage/health/judge-check.ts";
import { type Model, upstreamsInUse } from "#lib/usage/price-list.ts";

const checkTimeoutMs = 10_000;
/** Longer than any check, so that two processes never check the same upstream at once. */
const leaseMs = 30_000;

/**
 * Checks the upstreams that are due: whether they respond, how fast, and which of our models they list. The
 * result is shared with all processes, and the operator is alerted to outages and missing models. Uses real
 * time, because it measures servers outside of the sandbox's clock.
 * @param at real time
 */
export async function checkUpstreams(at: Date = new Date()): Promise<void> {
  const inUse = upstreamsInUse();
  const claimed = await claimChecks(
    db(),
    inUse.map(({ upstream }) => upstream.name),
    at,
    leaseMs,
  );
  await Promise.all(
    claimed.map(async (before) => {
      const found = inUse.find(({ upstream }) => upstream.name === before.upstream);
      if (found !== undefined) await checkUpstream(found.upstream, found.models, before);
    }),
  );
}

async function checkUpstream(upstream: Upstream, models: Model[], before: UpstreamHealth): Promise<void> {
  const { result, list } = await readModels(upstream);
  const at = new Date();
  const health = judgeCheck(before, result, at);
  await storeCheck(db(), before, health, new Date(at.getTime() + pauseAfter(health)));
  const names = models.map((model) => model.upstreamModel);
  const missing = list?.names == null ? [] : await storeMissing(upstream, names, list.names, at);
  await notifyHealth(db());
  if (missing.length > 0) await alertMissing(models.filter((model) => missing.includes(model.upstreamModel)));
  if (health.outage !== null && before.outage === null) await alertOutage(upstream, health);
}

async function readModels(upstream: Upstream): Promise<{ result: CheckResult; list: ModelList | null }> {
  try {
    const list = await listModels(upstream, AbortSignal.timeout(checkTimeoutMs));
    return { result: { ok: true, latencyMs: list.latencyMs, listsModels: list.names !== null }, list };
  } catch (error) {
    log.warn({ err: error, upstream: upstream.name }, "An upstream could not be checked");
    const isKeyRejected = error instanceof UpstreamError && error.status === 401;
    return { result: { ok: false, isKeyRejected, error: nameFailure(error) }, list: null };
  }
}

/** Names a failure by its status or system code; an upstream's words could contain anything. */
function nameFailure(error: unknown): string {
  if (error instanceof UpstreamError) return `HTTP ${error.status}`;
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `no response within ${checkTimeoutMs / 1_000} s`;
  const cause = error instanceof UpstreamConnectionError ? error.cause : error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "connection failed";
}

/** @returns the models that were not known to be missing */
async function storeMissing(upstream: Upstream, models: string[], names: Set<string>, at: Date) {
  const listed = models.filter((model) => isListed(names, model));
  const unlisted = models.filter((model) => !isListed(names, model));
  return storeListing(db(), upstream.name, { listed, unlisted }, at);
}

async function alertMissing(models: Model[]): Promise<void> {
  await raiseAlert({
    key: "model-catalog",
    title: "Models that their upstream does not list",
    detail: `These may be unable to answer: ${models.map(({ id }) => id).join(", ")}. Remove them from the model catalog, or correct their names.`,
  });
}

async function alertOutage({ name }: Upstream, { outage, lastError }: UpstreamHealth): Promise<void> {
  // A rejected key has the key of the alert that a call raises.
  if (outage === "key")
    return raiseAlert({
      key: `openai:${name}:401`,
      title: `The upstream "${name}" rejects our key`,
      detail: "Seen at a check of the upstream. Nobody can use its models until this is fixed.",
    });
  return raiseAlert({
    key: `upstream-unreachable:${name}`,
    title: `The upstream "${name}" does not respond`,
    detail: `Its models are marked as unavailable, and their fallbacks answer: ${lastError}. It is checked every few seconds and comes back by itself.`,
  });
}
