import { clientNetwork } from "#app/_http/server/client-network.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { singleton } from "#lib/core/singleton.ts";

/** A bucket of tokens that refills continuously; times are of `performance.now()`. */
type Bucket = { tokens: number; refilledAtMs: number };

/** The oldest networks are forgotten; a bucket takes about 200 bytes. */
const maxBuckets = 20_000;
const minuteMs = 60_000;

const buckets = () => singleton("http.network-limits", () => new Map<string, Bucket>());

/**
 * Takes a token of a limit by network (an IPv4 address or an IPv6 /64). The limit is kept in this process: it
 * protects the process and its database from floods and costs no query. Limits that must hold across
 * instances are in lib/accounts/rate-limit.ts.
 * @throws AppError too_many_requests
 */
export function takeNetworkToken(headers: Headers, limit: string, perMinute: number): void {
  const key = `${limit}:${clientNetwork(headers, env().TRUSTED_PROXIES)}`;
  const nowMs = performance.now();
  const known = buckets().get(key) ?? { tokens: perMinute, refilledAtMs: nowMs };
  const refill = ((nowMs - known.refilledAtMs) / minuteMs) * perMinute;
  const tokens = Math.min(perMinute, known.tokens + refill);
  const isLimited = tokens < 1;
  // Moves the bucket to the end: the first one is the one that was used least recently.
  buckets().delete(key);
  buckets().set(key, { tokens: isLimited ? tokens : tokens - 1, refilledAtMs: nowMs });
  const oldest = buckets().size > maxBuckets ? buckets().keys().next().value : undefined;
  if (oldest !== undefined) buckets().delete(oldest);
  if (isLimited)
    throw new AppError("too_many_requests", {
      retryAfterSeconds: Math.ceil((1 - tokens) * (60 / perMinute)),
    });
}
