import type { Tx } from "#db/client.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import { AppError } from "#lib/core/errors.ts";

/** Where an attempt comes from: the network it is counted against, and the device as its owner would recognise it. */
export type Origin = { network: string; userAgent: string | null };

/**
 * How often each thing may be tried. By address, so that one account is not guessed at from everywhere; by network, so
 * that one machine does not go through many accounts. Both count whether or not the address is known.
 */
const limits = {
  password: {
    address: { capacity: 10, refillPerMinute: 0.5 },
    network: { capacity: 60, refillPerMinute: 10 },
  },
  letter: {
    address: { capacity: 4, refillPerMinute: 0.2 },
    network: { capacity: 30, refillPerMinute: 1 },
  },
  signUp: {
    address: { capacity: 5, refillPerMinute: 0.2 },
    network: { capacity: 60, refillPerMinute: 2 },
  },
} satisfies Record<string, { address: Bucket; network: Bucket }>;

/** Sign-ups of one network that are answered at once; the others are answered by letter (see sign-up.ts). */
const instantSignUps: Bucket = { capacity: 30, refillPerMinute: 0.5 };

/**
 * Counts an attempt.
 * @throws AppError `too_many_requests` with the seconds to wait
 */
export async function limitAttempts(
  tx: Tx,
  kind: keyof typeof limits,
  { email, network }: { email: string; network: string },
  at: Date,
): Promise<void> {
  const { address, network: wide } = limits[kind];
  const byNetwork = await takeToken(tx, `${kind}:network:${network}`, wide, at);
  const taken = byNetwork.ok
    ? await takeToken(tx, `${kind}:address:${addressDigest(email)}`, address, at)
    : byNetwork;
  if (taken.ok) return;
  const { retryAfterSeconds } = taken;
  throw new AppError("too_many_requests", { message: tooMany(retryAfterSeconds), retryAfterSeconds });
}

/** Whether a sign-up from this network may still be answered at once. */
export async function mayAnswerAtOnce(tx: Tx, network: string, at: Date): Promise<boolean> {
  const { ok } = await takeToken(tx, `signUp:instant:${network}`, instantSignUps, at);
  return ok;
}

function tooMany(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `Too many attempts. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
}
