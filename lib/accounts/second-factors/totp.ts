import { and, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import type { Tx } from "#db/client.ts";
import { totpFactors } from "#db/schema/sign-in.ts";
import { env } from "#lib/core/env.ts";
import { AppError, errorReason, fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { decryptSecret, encryptSecret } from "#lib/core/secrets/secret-box.ts";

/** Codes of the step before and after the current one are accepted, for clocks that differ. */
const acceptedSteps = 1;
const stepSeconds = 30;
/** 160 bits, as RFC 4226 recommends. */
const secretBytes = 20;

/** What an authenticator app needs: the URI in the QR code, and the key to type instead. */
export type TotpSetup = { uri: string; key: string };

/**
 * Starts the setup of an authenticator app with a new secret. It becomes a factor with its first code, see
 * `confirmTotp`.
 * @throws AppError `conflict` if the account has an authenticator app
 */
export async function startTotpSetup(
  tx: Tx,
  { userId, email }: { userId: string; email: string },
  at: Date,
): Promise<TotpSetup> {
  const secret = new Secret({ size: secretBytes });
  const encryptedSecret = encryptSecret(secret.base32, contextOf(userId));
  const row = { encryptedSecret, createdAt: at, lastUsedStep: null };
  const started = await tx
    .insert(totpFactors)
    .values({ userId, ...row })
    .onConflictDoUpdate({ target: totpFactors.userId, set: row, setWhere: isNull(totpFactors.confirmedAt) })
    .returning({ userId: totpFactors.userId });
  if (started.length === 0) throw new AppError("conflict", { reason: errorReason("authenticatorExists") });
  const uri = new TOTP({ issuer: env().APP_NAME, label: email, secret, period: stepSeconds }).toString();
  return { uri, key: secret.base32.match(/.{1,4}/g)?.join(" ") ?? secret.base32 };
}

/**
 * Completes the setup with the first code of the app.
 * @param codeAt real time, which authenticator apps use
 * @throws AppError `conflict` if no setup was started, `invalid_input` on the field `code`
 */
export async function confirmTotp(
  tx: Tx,
  userId: string,
  code: string,
  { at, codeAt }: { at: Date; codeAt: Date },
): Promise<void> {
  const isPending = and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt));
  const [factor] = await tx.select().from(totpFactors).where(isPending);
  if (factor === undefined) throw new AppError("conflict");
  const step = matchingStep(factor.encryptedSecret, userId, code, codeAt);
  if (step === null) throw wrongCode();
  await tx.update(totpFactors).set({ confirmedAt: at, lastUsedStep: step }).where(isPending);
}

/**
 * Accepts a code of the user's authenticator app, once: the update serializes concurrent calls, and neither
 * this code nor an earlier one is accepted again.
 * @param codeAt real time, which authenticator apps use
 * @returns whether the code was accepted
 */
export async function redeemTotpCode(tx: Tx, userId: string, code: string, codeAt: Date): Promise<boolean> {
  const isConfirmed = and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt));
  const [factor] = await tx.select().from(totpFactors).where(isConfirmed);
  const step = factor === undefined ? null : matchingStep(factor.encryptedSecret, userId, code, codeAt);
  if (step === null) return false;
  const isUnused = or(isNull(totpFactors.lastUsedStep), lt(totpFactors.lastUsedStep, step));
  const used = await tx
    .update(totpFactors)
    .set({ lastUsedStep: step })
    .where(and(isConfirmed, isUnused))
    .returning({ userId: totpFactors.userId });
  return used.length > 0;
}

/** Removes the authenticator app. @returns whether there was one */
export async function removeTotp(tx: Tx, userId: string): Promise<boolean> {
  const removed = await tx
    .delete(totpFactors)
    .where(eq(totpFactors.userId, userId))
    .returning({ confirmedAt: totpFactors.confirmedAt });
  return removed.some(({ confirmedAt }) => confirmedAt !== null);
}

/** Stores a known secret as a confirmed factor; for the demo data. */
export async function storeTotpSecret(tx: Tx, userId: string, base32: string, at: Date): Promise<void> {
  const encryptedSecret = encryptSecret(base32, contextOf(userId));
  await tx.insert(totpFactors).values({ userId, encryptedSecret, createdAt: at, confirmedAt: at });
}

/** The error for a code that is wrong, too old, or used. */
export function wrongCode(): AppError {
  return invalidInput([fieldProblem("code", "codeWrong")]);
}

/** Returns the 30-second step that a code belongs to; null if it is none of the accepted ones. */
function matchingStep(encryptedSecret: string, userId: string, code: string, codeAt: Date): number | null {
  const secret = Secret.fromBase32(decryptSecret(encryptedSecret, contextOf(userId)));
  const timestamp = codeAt.getTime();
  const token = code.replace(/\s/g, "");
  const delta = TOTP.validate({ token, secret, period: stepSeconds, timestamp, window: acceptedSteps });
  return delta === null ? null : TOTP.counter({ period: stepSeconds, timestamp }) + delta;
}

function contextOf(userId: string): string {
  return `totp_factors:${userId}`;
}
