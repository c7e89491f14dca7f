import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import {
  noAccountEmail,
  passwordChangedEmail,
  resetPasswordEmail,
} from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import {
  discardTokens,
  type EmailedSecret,
  issueToken,
  limitCodeAttempts,
  redeemToken,
  unusableSecret,
} from "#lib/accounts/email-tokens.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { refuseWeakPassword } from "#lib/accounts/refuse-weak-password.ts";
import { revokeAllSessions } from "#lib/accounts/sessions.ts";
import { claimAccount } from "#lib/accounts/sign-in.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { findUserByEmail, findUserById, setPasswordHash } from "#lib/accounts/users.ts";
import { newId } from "#lib/core/ids.ts";

/**
 * Sends a link to reset the password. An unknown address gets an email that says so, so only the owner of the
 * mailbox learns whether an account exists. Both cases do the same work.
 * @throws AppError `too_many_requests`
 */
export async function requestPasswordReset(
  input: { email: string; origin: RequestOrigin },
  at: Date,
): Promise<void> {
  const { email, origin } = input;
  await limitAttempts(db(), "email", { email, origin }, at);
  await db().transaction(async (tx) => {
    const account = await findUserByEmail(tx, email);
    // For an unknown address the token has no user, is useless, and is never sent.
    const holder = { email, userId: account?.userId ?? null };
    const { token, code } = await issueToken(tx, "reset_password", holder, at, origin.deviceId);
    const uniqueKey = `reset-password:${addressDigest(token)}`;
    await (account === null
      ? queueEmail(tx, {
          to: email,
          template: noAccountEmail,
          data: { email },
          uniqueKey,
          fallbackLocale: origin.locale,
        })
      : queueEmail(tx, { to: email, template: resetPasswordEmail, data: { token, code }, uniqueKey }));
  });
}

/**
 * Sets a new password with a reset link or its code, in the browser that asked for it, and signs out all
 * devices.
 * @throws AppError `unauthenticated` if it was used, has expired or was asked for by another browser;
 *   `too_many_requests` after wrong codes
 */
export async function resetPassword(
  input: { secret: EmailedSecret; password: string; origin: RequestOrigin },
  at: Date,
): Promise<void> {
  const { secret, origin } = input;
  await limitCodeAttempts(db(), secret, origin.deviceId, at);
  const passwordHash = await hashPassword(input.password);
  await db().transaction(async (tx) => {
    const holder = await redeemToken(tx, "reset_password", secret, at, origin.deviceId);
    if (holder === null || holder.userId === null) throw unusableSecret(secret);
    const { email, userId } = holder;
    await refuseWeakPassword(input.password, { email }, "password");
    // If the address was not verified before, a stranger may have created the account.
    const account = await findUserById(tx, userId);
    if (account !== null) await claimAccount(tx, account, at);
    await setPasswordHash(tx, userId, passwordHash);
    const signedOut = await revokeAllSessions(tx, userId, at);
    // Links that were sent before must not outlive the old password.
    await discardTokens(tx, "reset_password", email, at);
    await discardTokens(tx, "magic_link", email, at);
    await recordAudit(
      tx,
      { action: "password.reset", actorUserId: userId, target: userId, data: { signedOut } },
      at,
    );
    const uniqueKey = `password-changed:${newId()}`;
    await queueEmail(tx, { to: email, template: passwordChangedEmail, data: { email }, uniqueKey });
  });
}
