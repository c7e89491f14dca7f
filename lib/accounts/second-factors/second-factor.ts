import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { passkeys, recoveryCodes, totpFactors } from "#db/schema/sign-in.ts";

/** The second factors that an account has. */
export type SecondFactors = { totp: boolean; passkeys: number; unusedRecoveryCodes: number };

/** Reads which second factors an account has. A TOTP factor counts once its first code was entered. */
export async function readSecondFactors(tx: Tx, userId: string): Promise<SecondFactors> {
  const isConfirmed = and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt));
  const isUnused = and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt));
  return {
    totp: (await tx.$count(totpFactors, isConfirmed)) > 0,
    passkeys: await tx.$count(passkeys, eq(passkeys.userId, userId)),
    unusedRecoveryCodes: await tx.$count(recoveryCodes, isUnused),
  };
}

/** Whether an account has a second factor, which every sign-in then asks for. */
export async function hasSecondFactor(tx: Tx, userId: string): Promise<boolean> {
  const { totp, passkeys } = await readSecondFactors(tx, userId);
  return totp || passkeys > 0;
}

/** Removes all second factors, when the owner of the email address takes over an unconfirmed account. */
export async function removeSecondFactors(tx: Tx, userId: string): Promise<void> {
  await tx.delete(totpFactors).where(eq(totpFactors.userId, userId));
  await tx.delete(passkeys).where(eq(passkeys.userId, userId));
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
}
