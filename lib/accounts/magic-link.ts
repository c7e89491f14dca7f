import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { magicLinkEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { addressDigest, nameFromAddress } from "#lib/accounts/email-address.ts";
import { discardTokens, issueToken, redeemToken } from "#lib/accounts/email-tokens.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { claimAccount, startSession } from "#lib/accounts/sign-in.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { createUser, findUserByEmail } from "#lib/accounts/users.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

/**
 * Sends a sign-in link. Unknown addresses get the same email, and an account when the link is opened. The
 * response does not reveal whether an account exists.
 * @throws AppError `too_many_requests`
 */
export async function requestMagicLink(
  input: { email: string; origin: RequestOrigin; next?: string },
  at: Date,
): Promise<void> {
  const { email, origin, next } = input;
  await limitAttempts(db(), "email", { email, network: origin.network }, at);
  await db().transaction(async (tx) => {
    const token = await issueToken(tx, "magic_link", { email, userId: null }, at);
    const data = { token, ...(next !== undefined && { next }) };
    const uniqueKey = `magic-link:${addressDigest(token)}`;
    await queueEmail(tx, {
      to: email,
      template: magicLinkEmail,
      data,
      uniqueKey,
      fallbackLocale: origin.locale,
    });
  });
}

/**
 * Signs in with the token of a sign-in link.
 * @throws AppError `unauthenticated` if the link was used or has expired
 */
export async function redeemMagicLink(
  input: { token: string; origin: RequestOrigin },
  at: Date,
): Promise<SessionClaims> {
  return db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "magic_link", input.token, at);
    if (holder === null)
      throw new AppError("unauthenticated", {
        reason: errorReason("linkExpired"),
      });
    await discardTokens(tx, "magic_link", holder.email, at);
    const userId = await findOrCreateAccount(tx, holder.email, input.origin, at);
    return startSession(tx, userId, "magic_link", input.origin, at);
  });
}

/** Finds or creates the account of an address whose mailbox the user has access to. */
async function findOrCreateAccount(tx: Tx, email: string, origin: RequestOrigin, at: Date): Promise<string> {
  const user = { email, name: nameFromAddress(email), emailVerifiedAt: at, browserLocale: origin.locale };
  const added = await createUser(tx, user, at);
  if (added !== null) {
    const { userId, workspaceId } = added;
    await recordAudit(tx, { action: "user.created", actorUserId: userId, workspaceId, target: userId }, at);
    return userId;
  }
  const account = await findUserByEmail(tx, email);
  if (account === null) throw new AppError("conflict");
  await claimAccount(tx, account, at);
  return account.userId;
}
