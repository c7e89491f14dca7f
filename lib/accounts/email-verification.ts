import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { redeemToken, type TokenHolder } from "#lib/accounts/email-tokens.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { limitAttempts } from "#lib/accounts/sign-in-limits.ts";
import { queueVerification } from "#lib/accounts/sign-up.ts";
import { markEmailVerified } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

/**
 * Sends the letter that asks whether an address is the person's own, once more.
 * @returns false when there is nothing left to confirm
 * @throws AppError `too_many_requests`
 */
export async function requestVerification(
  identity: Pick<Identity, "userId" | "email" | "emailVerifiedAt">,
  network: string,
  at: Date,
): Promise<boolean> {
  const { userId, email, emailVerifiedAt } = identity;
  if (emailVerifiedAt !== null) return false;
  await limitAttempts(db(), "letter", { email, network }, at);
  await db().transaction((tx) => queueVerification(tx, { email, userId }, at));
  return true;
}

/**
 * Confirms an address by the link of a letter, once, for whoever is signed in to the account: the link says who reads the mail, the
 * session who chose the password. Were the link enough, somebody who presses it without thought would confirm the account of a
 * stranger who signed up with their address and lies in wait.
 * @returns the address that is confirmed now
 * @throws AppError `unauthenticated` for a link that was used or is too old, `forbidden` for one of another account, which stays good
 */
export async function verifyEmail(
  identity: Pick<Identity, "userId">,
  token: string,
  at: Date,
): Promise<{ email: string }> {
  return db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "verify_email", token, at);
    const userId = holder === null ? null : await ownerOf(tx, holder);
    if (holder === null || userId === null)
      throw new AppError("unauthenticated", { message: "This link was used already, or is too old." });
    if (userId !== identity.userId)
      throw new AppError("forbidden", {
        message: `This link is for ${holder.email}. Sign in with that address to confirm it.`,
      });
    await markEmailVerified(tx, userId, at);
    await recordAudit(tx, { action: "email.verified", actorUserId: userId, target: userId }, at);
    return { email: holder.email };
  });
}

/** The user a link was made for, if the address is still theirs. */
async function ownerOf(tx: Tx, { userId, email }: TokenHolder): Promise<string | null> {
  if (userId === null) return null;
  const found = await tx
    .select({ userId: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.email, email)));
  return found[0]?.userId ?? null;
}
