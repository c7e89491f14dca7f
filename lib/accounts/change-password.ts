import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { passwordChangedEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { discardTokens } from "#lib/accounts/email-tokens.ts";
import { hashPassword, verifyPassword } from "#lib/accounts/password.ts";
import { refuseWeakPassword } from "#lib/accounts/refuse-weak-password.ts";
import { type Identity, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { findUserById, setPasswordHash } from "#lib/accounts/users.ts";
import { fieldProblem, invalidInput, notFound } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";

/**
 * Changes a password, or sets the first password of a user who signed up by link or OAuth. Signs out all
 * other devices.
 * @throws AppError `invalid_input` on the field `currentPassword`, `too_many_requests`
 */
export async function changePassword(
  identity: Pick<Identity, "userId" | "sessionId" | "email">,
  input: { currentPassword: string; newPassword: string; origin: RequestOrigin },
  at: Date,
): Promise<void> {
  const { userId, sessionId, email } = identity;
  await limitAttempts(db(), "password", { email, origin: input.origin }, at);
  const account = await findUserById(db(), userId);
  if (account === null) throw notFound("account");
  if (account.passwordHash !== null && !(await verifyPassword(account.passwordHash, input.currentPassword)))
    throw invalidInput([fieldProblem("currentPassword", "currentPasswordWrong")]);
  await refuseWeakPassword(input.newPassword, account, "newPassword");
  const passwordHash = await hashPassword(input.newPassword);
  await db().transaction(async (tx) => {
    await setPasswordHash(tx, userId, passwordHash);
    const signedOut = await revokeAllSessions(tx, userId, at, sessionId);
    await discardTokens(tx, "reset_password", email, at);
    await discardTokens(tx, "magic_link", email, at);
    const entry = { action: "password.changed", actorUserId: userId, target: userId };
    await recordAudit(tx, { ...entry, data: { signedOut } }, at);
    const uniqueKey = `password-changed:${addressDigest(newId())}`;
    await queueEmail(tx, { to: email, template: passwordChangedEmail, data: { email }, uniqueKey });
  });
}
