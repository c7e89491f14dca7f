import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { type SecondFactorChange, secondFactorsChangedEmail } from "#lib/accounts/email/security-emails.ts";
import {
  insertPasskey,
  type RegistrationResponse,
  removePasskey,
  verifyRegistration,
} from "#lib/accounts/second-factors/passkeys.ts";
import {
  deleteRecoveryCodes,
  generateRecoveryCodes,
  replaceRecoveryCodes,
} from "#lib/accounts/second-factors/recovery-codes.ts";
import { hasSecondFactor } from "#lib/accounts/second-factors/second-factor.ts";
import { confirmTotp, removeTotp } from "#lib/accounts/second-factors/totp.ts";
import { type Identity, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";

/** The recovery codes to show once; null if the account has codes already. */
export type FactorAdded = { recoveryCodes: string[] | null };

type Owner = Pick<Identity, "userId" | "sessionId" | "email" | "role">;

/**
 * Turns on the authenticator app with its first code. The first second factor of an account brings recovery
 * codes and signs out all other devices, whose sessions were started without it.
 * @throws AppError `invalid_input` on the field `code`, `conflict` if no setup was started,
 *   `too_many_requests`
 */
export async function enableTotp(
  owner: Owner,
  code: string,
  origin: RequestOrigin,
  at: Date,
): Promise<FactorAdded> {
  await limitAttempts(db(), "secondFactor", { email: owner.email, origin }, at);
  return addFactor(owner, "totp.enabled", "totpAdded", at, (tx) =>
    // Authenticator apps use real time, also where the sandbox's clock is ahead.
    confirmTotp(tx, owner.userId, code, { at, codeAt: new Date() }),
  );
}

/**
 * Adds the passkey that the browser created. The first second factor of an account brings recovery codes and
 * signs out all other devices.
 * @throws AppError `unauthenticated` if the response does not answer an open challenge, `conflict`
 */
export async function addPasskey(
  owner: Owner,
  { name, response }: { name: string; response: RegistrationResponse },
  at: Date,
): Promise<FactorAdded> {
  const passkey = await verifyRegistration(db(), owner.sessionId, response, at);
  return addFactor(owner, "passkey.added", "passkeyAdded", at, async (tx) => {
    await insertPasskey(tx, owner.userId, { ...passkey, name }, at);
  });
}

/**
 * Removes the authenticator app.
 * @throws AppError `not_found`; `conflict` if it is an operator's only second factor
 */
export async function disableTotp(owner: Owner, at: Date): Promise<void> {
  await removeFactor(owner, "totp.disabled", "totpRemoved", at, async (tx) => {
    if (!(await removeTotp(tx, owner.userId))) throw notFound("authenticatorApp");
  });
}

/**
 * Removes a passkey.
 * @throws AppError `not_found`; `conflict` if it is an operator's only second factor
 */
export async function deletePasskey(owner: Owner, id: string, at: Date): Promise<void> {
  await removeFactor(owner, "passkey.removed", "passkeyRemoved", at, (tx) =>
    removePasskey(tx, owner.userId, id),
  );
}

/**
 * Replaces all recovery codes.
 * @throws AppError `conflict` if the account has no second factor
 */
export async function regenerateRecoveryCodes(owner: Owner, at: Date): Promise<string[]> {
  const generated = await generateRecoveryCodes();
  await db().transaction(async (tx) => {
    if (!(await hasSecondFactor(tx, owner.userId)))
      throw new AppError("conflict", { reason: errorReason("secondFactorMissing") });
    await replaceRecoveryCodes(tx, owner.userId, generated, at);
    await report(tx, owner, "recovery_codes.replaced", "recoveryCodesReplaced", at);
  });
  return generated.codes;
}

async function addFactor(
  owner: Owner,
  action: string,
  change: SecondFactorChange,
  at: Date,
  add: (tx: Tx) => Promise<void>,
): Promise<FactorAdded> {
  const { userId, sessionId } = owner;
  const isFirst = !(await hasSecondFactor(db(), userId));
  const generated = isFirst ? await generateRecoveryCodes() : null;
  await db().transaction(async (tx) => {
    await add(tx);
    if (generated !== null) {
      await replaceRecoveryCodes(tx, userId, generated, at);
      await revokeAllSessions(tx, userId, at, sessionId);
    }
    await report(tx, owner, action, change, at);
  });
  return { recoveryCodes: generated?.codes ?? null };
}

async function removeFactor(
  owner: Owner,
  action: string,
  change: SecondFactorChange,
  at: Date,
  remove: (tx: Tx) => Promise<void>,
): Promise<void> {
  await db().transaction(async (tx) => {
    await remove(tx);
    if (!(await hasSecondFactor(tx, owner.userId))) {
      if (owner.role === "operator")
        throw new AppError("conflict", { reason: errorReason("operatorNeedsFactor") });
      await deleteRecoveryCodes(tx, owner.userId);
    }
    await report(tx, owner, action, change, at);
  });
}

async function report(
  tx: Tx,
  owner: Owner,
  action: string,
  change: SecondFactorChange,
  at: Date,
): Promise<void> {
  const { userId, email } = owner;
  await recordAudit(tx, { action, actorUserId: userId, target: userId }, at);
  const uniqueKey = `second-factors:${newId()}`;
  await queueEmail(tx, { to: email, template: secondFactorsChangedEmail, data: { change }, uniqueKey });
}
