import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { addressDigest, nameFromAddress } from "#lib/accounts/email-address.ts";
import { discardTokens, issueToken, redeemToken } from "#lib/accounts/email-tokens.ts";
import { magicLinkLetter } from "#lib/accounts/letters.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import type { Claims } from "#lib/accounts/sessions.ts";
import { claimAccount, startSession } from "#lib/accounts/sign-in.ts";
import { limitAttempts, type Origin } from "#lib/accounts/sign-in-limits.ts";
import { createUser, findByEmail } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

/**
 * Sends a link that signs in. An unknown address gets the same letter, and an account when its link is opened: there is
 * nothing to tell apart, because nobody is looked up.
 * @throws AppError `too_many_requests`
 */
export async function requestMagicLink(
  input: { email: string; origin: Origin; next?: string },
  at: Date,
): Promise<void> {
  const { email, origin, next } = input;
  await limitAttempts(db(), "letter", { email, network: origin.network }, at);
  await db().transaction(async (tx) => {
    const token = await issueToken(tx, "magic_link", { email, userId: null }, at);
    const data = { token, ...(next !== undefined && { next }) };
    const uniqueKey = `magic-link:${addressDigest(token)}`;
    await queueMail(tx, { to: email, template: magicLinkLetter, data, uniqueKey });
  });
}

/**
 * Signs in by the link of a letter, once.
 * @throws AppError `unauthenticated` for a link that was used or is too old
 */
export async function redeemMagicLink(input: { token: string; origin: Origin }, at: Date): Promise<Claims> {
  return db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "magic_link", input.token, at);
    if (holder === null)
      throw new AppError("unauthenticated", {
        message: "This link was used already, or is too old. Ask for a new one.",
      });
    await discardTokens(tx, "magic_link", holder.email, at);
    const userId = await accountFor(tx, holder.email, at);
    return startSession(tx, userId, "magic_link", input.origin, at);
  });
}

/** The account of somebody who has shown that they read this address's mail; a new one if there is none. */
async function accountFor(tx: Tx, email: string, at: Date): Promise<string> {
  const added = await createUser(tx, { email, name: nameFromAddress(email), emailVerifiedAt: at }, at);
  if (added !== null) {
    const { userId, workspaceId } = added;
    await recordAudit(tx, { action: "user.created", actorUserId: userId, workspaceId, target: userId }, at);
    return userId;
  }
  const account = await findByEmail(tx, email);
  if (account === null) throw new AppError("conflict");
  await claimAccount(tx, account, at);
  return account.userId;
}
