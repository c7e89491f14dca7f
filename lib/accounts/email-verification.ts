import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { redeemToken, type TokenHolder } from "#lib/accounts/email-tokens.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { queueVerificationEmail } from "#lib/accounts/sign-up.ts";
import { markEmailVerified } from "#lib/accounts/users.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

/**
 * Sends the verification email again.
 * @returns false if the address is already verified
 * @throws AppError `too_many_requests`
 */
export async function requestVerification(
  identity: Pick<Identity, "userId" | "email" | "emailVerifiedAt">,
  origin: RequestOrigin,
  at: Date,
): Promise<boolean> {
  const { userId, email, emailVerifiedAt } = identity;
  if (emailVerifiedAt !== null) return false;
  await limitAttempts(db(), "email", { email, origin }, at);
  await db().transaction((tx) => queueVerificationEmail(tx, { email, userId }, at));
  return true;
}

/**
 * Verifies an address by the link of an email, for a user who is signed in to the account. The link proves
 * access to the mailbox, the session proves knowledge of the password. If the link alone sufficed, the owner
 * of an address could verify the account that a stranger created with it.
 * @returns the verified address
 * @throws AppError `unauthenticated` if the link was used or has expired; `forbidden` if it belongs to
 *   another account, in which case it stays valid
 */
export async function verifyEmail(
  identity: Pick<Identity, "userId">,
  token: string,
  at: Date,
): Promise<{ email: string }> {
  return db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "verify_email", { token }, at);
    const userId = holder === null ? null : await findOwner(tx, holder);
    if (holder === null || userId === null)
      throw new AppError("unauthenticated", { reason: errorReason("linkExpired") });
    if (userId !== identity.userId)
      throw new AppError("forbidden", {
        reason: errorReason("linkOfOtherEmail", { email: holder.email }),
      });
    await markEmailVerified(tx, userId, at);
    await recordAudit(tx, { action: "email.verified", actorUserId: userId, target: userId }, at);
    return { email: holder.email };
  });
}

/**
 * Refuses what an account may do only after its email is confirmed.
 * @throws AppError `forbidden`
 */
export function requireEmailConfirmation({ emailVerifiedAt }: Pick<Identity, "emailVerifiedAt">): void {
  if (emailVerifiedAt === null) throw new AppError("forbidden", { reason: errorReason("emailUnconfirmed") });
}

/** The user of the token, if the user still has the address. */
async function findOwner(tx: Tx, { userId, email }: TokenHolder): Promise<string | null> {
  if (userId === null) return null;
  const found = await tx
    .select({ userId: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.email, email)));
  return found[0]?.userId ?? null;
}
