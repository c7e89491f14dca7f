import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { discardTokens, issueToken, redeemToken } from "#lib/accounts/email-tokens.ts";
import { noAccountLetter, passwordChangedLetter, resetPasswordLetter } from "#lib/accounts/letters.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { revokeAllSessions } from "#lib/accounts/sessions.ts";
import { claimAccount } from "#lib/accounts/sign-in.ts";
import { limitAttempts, type Origin } from "#lib/accounts/sign-in-limits.ts";
import { findByEmail, findByUserId, setPasswordHash } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

/**
 * Sends a link to choose a new password. Whoever has no account gets a letter that says so: the mailbox learns it, and
 * nobody else; the work is the same.
 * @throws AppError `too_many_requests`
 */
export async function requestPasswordReset(
  input: { email: string; origin: Origin },
  at: Date,
): Promise<void> {
  const { email, origin } = input;
  await limitAttempts(db(), "letter", { email, network: origin.network }, at);
  await db().transaction(async (tx) => {
    const account = await findByEmail(tx, email);
    // For an unknown address this link belongs to nobody, opens nothing, and is never sent.
    const token = await issueToken(tx, "reset_password", { email, userId: account?.userId ?? null }, at);
    const uniqueKey = `reset-password:${addressDigest(token)}`;
    await (account === null
      ? queueMail(tx, { to: email, template: noAccountLetter, data: { email }, uniqueKey })
      : queueMail(tx, { to: email, template: resetPasswordLetter, data: { token }, uniqueKey }));
  });
}

/**
 * Gives an account a new password by the link of a letter, once, and signs it out everywhere.
 * @throws AppError `unauthenticated` for a link that was used or is too old
 */
export async function resetPassword(input: { token: string; password: string }, at: Date): Promise<void> {
  const passwordHash = await hashPassword(input.password);
  await db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "reset_password", input.token, at);
    if (holder === null || holder.userId === null)
      throw new AppError("unauthenticated", {
        message: "This link was used already, or is too old. Ask for a new one.",
      });
    const { email, userId } = holder;
    // The first proof of who reads this address's mail: until now a stranger may have had the account.
    const account = await findByUserId(tx, userId);
    if (account !== null) await claimAccount(tx, account, at);
    await setPasswordHash(tx, userId, passwordHash);
    const signedOut = await revokeAllSessions(tx, userId, at);
    // A link that was sent before is as good as the old password, and ends with it.
    await discardTokens(tx, "reset_password", email, at);
    await discardTokens(tx, "magic_link", email, at);
    await recordAudit(
      tx,
      { action: "password.reset", actorUserId: userId, target: userId, data: { signedOut } },
      at,
    );
    const uniqueKey = `password-changed:${addressDigest(input.token)}`;
    await queueMail(tx, { to: email, template: passwordChangedLetter, data: { email }, uniqueKey });
  });
}
