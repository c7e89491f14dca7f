import { createHash } from "node:crypto";
import { and, eq, gt } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { passkeyChallenges } from "#db/schema/sign-in.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

type Purpose = "register" | "authenticate";
/** Longer than the browser's dialog stays open. */
const lifetimeMs = 5 * 60_000;

/**
 * Stores the challenge that a browser or session has to sign next. A later challenge replaces it.
 * @param holder the id of the browser, session or pending sign-in that asked; no other can use the challenge
 */
export async function storeChallenge(
  tx: Tx,
  purpose: Purpose,
  holder: string,
  challenge: string,
  at: Date,
): Promise<void> {
  const expiresAt = new Date(at.getTime() + lifetimeMs);
  await tx
    .insert(passkeyChallenges)
    .values({ binding: toBinding(holder), purpose, challenge, expiresAt })
    .onConflictDoUpdate({
      target: [passkeyChallenges.binding, passkeyChallenges.purpose],
      set: { challenge, expiresAt },
    });
}

/**
 * Returns and deletes the open challenge, so that a signed response is accepted once.
 * @throws AppError `unauthenticated` if there is none or it has expired
 */
export async function takeChallenge(tx: Tx, purpose: Purpose, holder: string, at: Date): Promise<string> {
  const [taken] = await tx
    .delete(passkeyChallenges)
    .where(
      and(
        eq(passkeyChallenges.binding, toBinding(holder)),
        eq(passkeyChallenges.purpose, purpose),
        gt(passkeyChallenges.expiresAt, at),
      ),
    )
    .returning({ challenge: passkeyChallenges.challenge });
  if (taken === undefined) throw new AppError("unauthenticated", { reason: errorReason("passkeyTimeout") });
  return taken.challenge;
}

function toBinding(holder: string): string {
  return createHash("sha256").update(holder).digest("base64url");
}
