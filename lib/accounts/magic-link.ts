import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { magicLinkEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { addressDigest, nameFromAddress } from "#lib/accounts/email-address.ts";
import {
  discardTokens,
  type EmailedSecret,
  issueToken,
  limitCodeAttempts,
  redeemToken,
  unusableSecret,
} from "#lib/accounts/email-tokens.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { claimAccount, startSession } from "#lib/accounts/sign-in.ts";
import { limitAttempts, limitNewAccounts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { createUser, findUserByEmail } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

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
  await limitAttempts(db(), "email", { email, origin }, at);
  await db().transaction(async (tx) => {
    const holder = { email, userId: null };
    const { token, code } = await issueToken(tx, "magic_link", holder, at, origin.deviceId);
    const data = { token, code, ...(next !== undefined && { next }) };
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
 * Signs in with a sign-in link or its code, in the browser that asked for it.
 * @throws AppError `unauthenticated` if it was used, has expired or was asked for by another browser;
 *   `too_many_requests` after wrong codes
 */
export async function redeemMagicLink(
  { secret, origin }: { secret: EmailedSecret; origin: RequestOrigin },
  at: Date,
): Promise<SessionClaims> {
  await limitCodeAttempts(db(), secret, origin.deviceId, at);
  return db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "magic_link", secret, at, origin.deviceId);
    if (holder === null) throw unusableSecret(secret);
    await discardTokens(tx, "magic_link", holder.email, at);
    const userId = await findOrCreateAccount(tx, holder.email, origin, at);
    return startSession(tx, userId, "magic_link", origin, at);
  });
}

/** Finds or creates the account of an address whose mailbox the user has access to. */
async function findOrCreateAccount(tx: Tx, email: string, origin: RequestOrigin, at: Date): Promise<string> {
  const user = { email, name: nameFromAddress(email), emailVerifiedAt: at, browserLocale: origin.locale };
  const added = await createUser(tx, user, at);
  if (added !== null) {
    await limitNewAccounts(tx, origin.network, at);
    const { userId, workspaceId } = added;
    await recordAudit(tx, { action: "user.created", actorUserId: userId, workspaceId, target: userId }, at);
    return userId;
  }
  const account = await findUserByEmail(tx, email);
  if (account === null) throw new AppError("conflict");
  await claimAccount(tx, account, at);
  return account.userId;
}
