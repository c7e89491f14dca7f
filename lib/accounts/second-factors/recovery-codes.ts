import { randomBytes, randomInt } from "node:crypto";
import { hashRaw } from "@node-rs/argon2";
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { recoveryCodes } from "#db/schema/sign-in.ts";
import { argon2Cost } from "#lib/accounts/password.ts";

const codeCount = 10;
const codeLength = 12;
/** Characters that are not confused with each other when they are read from paper. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** Ten new recovery codes with their hashes. Hash them before a transaction: it takes 0.3 s of CPU time. */
export type NewRecoveryCodes = { codes: string[]; salt: string; hashes: string[] };

/** Generates ten codes of 59 random bits, in groups of four characters. */
export async function generateRecoveryCodes(): Promise<NewRecoveryCodes> {
  const codes = Array.from({ length: codeCount }, randomCode);
  const salt = randomBytes(16).toString("base64url");
  const hashes = await Promise.all(codes.map((code) => hashCode(code, salt)));
  return { codes, salt, hashes };
}

/** Stores new codes in place of all older ones. */
export async function replaceRecoveryCodes(
  tx: Tx,
  userId: string,
  { salt, hashes }: NewRecoveryCodes,
  at: Date,
): Promise<void> {
  await deleteRecoveryCodes(tx, userId);
  await tx
    .insert(recoveryCodes)
    .values(hashes.map((codeHash) => ({ userId, codeHash, salt, createdAt: at })));
}

/** Deletes all codes, when the last second factor is removed. */
export async function deleteRecoveryCodes(tx: Tx, userId: string): Promise<void> {
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
}

/** Uses up a code. The row lock serializes concurrent calls. @returns whether the code was unused */
export async function redeemRecoveryCode(tx: Tx, userId: string, code: string, at: Date): Promise<boolean> {
  const [set] = await tx
    .select({ salt: recoveryCodes.salt })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.userId, userId))
    .limit(1);
  if (set === undefined) return false;
  const codeHash = await hashCode(code, set.salt);
  const used = await tx
    .update(recoveryCodes)
    .set({ usedAt: at })
    .where(
      and(
        eq(recoveryCodes.userId, userId),
        eq(recoveryCodes.codeHash, codeHash),
        isNull(recoveryCodes.usedAt),
      ),
    )
    .returning({ codeHash: recoveryCodes.codeHash });
  return used.length > 0;
}

function randomCode(): string {
  const characters = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]);
  return characters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

/** All codes of a set share a salt, so that one hash finds the code that was entered. */
async function hashCode(code: string, salt: string): Promise<string> {
  const normalized = code.toLowerCase().replace(/[^a-z0-9]/g, "");
  const hash = await hashRaw(normalized, { ...argon2Cost, salt: Buffer.from(salt, "base64url") });
  return hash.toString("base64url");
}
