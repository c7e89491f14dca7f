import type { Tx } from "#db/client.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Locale } from "#lib/core/locale.ts";

/**
 * The client of a request: its network, for rate limits, its User-Agent, for the list of devices, and its
 * language, for emails.
 */
export type RequestOrigin = { network: string; userAgent: string | null; locale: Locale };

/**
 * Rate limits per email address, against guessing one account from many networks, and per network, against
 * trying many accounts from one network. Known and unknown addresses are counted alike.
 */
const limits = {
  password: {
    address: { capacity: 10, refillPerMinute: 0.5 },
    network: { capacity: 60, refillPerMinute: 10 },
  },
  email: {
    address: { capacity: 4, refillPerMinute: 0.2 },
    network: { capacity: 30, refillPerMinute: 1 },
  },
  signUp: {
    address: { capacity: 5, refillPerMinute: 0.2 },
    network: { capacity: 60, refillPerMinute: 2 },
  },
} satisfies Record<string, { address: Bucket; network: Bucket }>;

/**
 * Sign-ups per network that get a session immediately; the others are completed by email (see sign-up.ts).
 */
const instantSignUps: Bucket = { capacity: 30, refillPerMinute: 0.5 };

/**
 * Counts an attempt.
 * @throws AppError `too_many_requests` with `retryAfterSeconds`
 */
export async function limitAttempts(
  tx: Tx,
  kind: keyof typeof limits,
  { email, network }: { email: string; network: string },
  at: Date,
): Promise<void> {
  const { address: addressBucket, network: networkBucket } = limits[kind];
  const byNetwork = await takeToken(tx, `${kind}:network:${network}`, networkBucket, at);
  const taken = byNetwork.ok
    ? await takeToken(tx, `${kind}:address:${addressDigest(email)}`, addressBucket, at)
    : byNetwork;
  if (taken.ok) return;
  const { retryAfterSeconds } = taken;
  throw new AppError("too_many_requests", {
    reason: errorReason("attemptsExceeded", { minutes: Math.ceil(retryAfterSeconds / 60) }),
    retryAfterSeconds,
  });
}

/** Whether a sign-up from this network may get a session immediately. */
export async function allowInstantSignUp(tx: Tx, network: string, at: Date): Promise<boolean> {
  const { ok } = await takeToken(tx, `signUp:instant:${network}`, instantSignUps, at);
  return ok;
}
