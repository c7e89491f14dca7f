import type { Tx } from "#db/client.ts";
import { deviceHash, isKnownDevice } from "#lib/accounts/devices/known-devices.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Locale } from "#lib/core/locale.ts";

/** The client of a request. */
export type RequestOrigin = {
  /** The IPv4 address or IPv6 /64 prefix, for rate limits and the audit log. */
  network: string;
  /** The User-Agent header, for the list of devices. */
  userAgent: string | null;
  /** The random id in the browser's cookie; null for a client that has none yet. */
  deviceId: string | null;
  /** The language, for emails. */
  locale: Locale;
};

type Limits = { device: Bucket; pair: Bucket; network: Bucket; address: Bucket };

/**
 * Rate limits of the ways to sign in. A browser in which the account has signed in before has a bucket of its
 * own, so nobody else can lock its user out. All other clients share three: one per address and network
 * against guessing, one per network against trying many accounts, and one per address against guessing from
 * many networks. Known and unknown addresses are counted alike.
 */
const limits = {
  password: {
    device: { capacity: 10, refillPerMinute: 0.5 },
    pair: { capacity: 10, refillPerMinute: 0.5 },
    network: { capacity: 60, refillPerMinute: 10 },
    address: { capacity: 100, refillPerMinute: 1 },
  },
  secondFactor: {
    device: { capacity: 10, refillPerMinute: 0.5 },
    pair: { capacity: 10, refillPerMinute: 0.5 },
    network: { capacity: 60, refillPerMinute: 10 },
    address: { capacity: 30, refillPerMinute: 0.5 },
  },
  email: {
    device: { capacity: 4, refillPerMinute: 0.2 },
    pair: { capacity: 4, refillPerMinute: 0.2 },
    network: { capacity: 30, refillPerMinute: 1 },
    address: { capacity: 12, refillPerMinute: 0.1 },
  },
  signUp: {
    device: { capacity: 5, refillPerMinute: 0.2 },
    pair: { capacity: 5, refillPerMinute: 0.2 },
    network: { capacity: 60, refillPerMinute: 2 },
    address: { capacity: 20, refillPerMinute: 0.2 },
  },
} satisfies Record<string, Limits>;

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
  { email, origin }: { email: string; origin: RequestOrigin },
  at: Date,
): Promise<void> {
  const { device, pair, network, address } = limits[kind];
  const account = addressDigest(email);
  const buckets: [string, Bucket][] =
    origin.deviceId !== null && (await isKnownDevice(tx, email, origin.deviceId))
      ? [[`device:${account}:${deviceHash(origin.deviceId)}`, device]]
      : [
          [`network:${origin.network}`, network],
          [`pair:${account}:${origin.network}`, pair],
          [`address:${account}`, address],
        ];
  for (const [key, bucket] of buckets) {
    const { ok, retryAfterSeconds } = await takeToken(tx, `${kind}:${key}`, bucket, at);
    if (!ok) throw attemptsExceeded(retryAfterSeconds);
  }
}

/** New accounts of a network in a day, whatever the way: it bounds the free credit that it can get. */
const newAccounts: Bucket = { capacity: 100, refillPerMinute: 100 / 1_440 };

/**
 * Counts a new account.
 * @throws AppError `too_many_requests` after 100 new accounts of a network in a day
 */
export async function limitNewAccounts(tx: Tx, network: string, at: Date): Promise<void> {
  const { ok, retryAfterSeconds } = await takeToken(tx, `signUp:day:${network}`, newAccounts, at);
  if (!ok) throw attemptsExceeded(retryAfterSeconds);
}

/** Whether a sign-up from this network may get a session immediately. */
export async function allowInstantSignUp(tx: Tx, network: string, at: Date): Promise<boolean> {
  const { ok } = await takeToken(tx, `signUp:instant:${network}`, instantSignUps, at);
  return ok;
}

/** The error of an empty bucket. */
export function attemptsExceeded(retryAfterSeconds: number): AppError {
  const reason = errorReason("attemptsExceeded", { minutes: Math.ceil(retryAfterSeconds / 60) });
  return new AppError("too_many_requests", { reason, retryAfterSeconds });
}
