import { createHash } from "node:crypto";
import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { emailTokens } from "#db/schema/accounts.ts";
import { newSecret } from "#lib/core/ids.ts";

export type TokenPurpose = "magic_link" | "reset_password" | "verify_email";
export type TokenHolder = { email: string; userId: string | null };

const minuteMs = 60_000;
/** How long a link works. */
const lifetimeMs: Record<TokenPurpose, number> = {
  magic_link: 15 * minuteMs,
  reset_password: 60 * minuteMs,
  verify_email: 24 * 60 * minuteMs,
};

/** A secret for a link in a letter. Only its hash is stored. */
export async function issueToken(
  tx: Tx,
  purpose: TokenPurpose,
  holder: TokenHolder,
  at: Date,
): Promise<string> {
  const token = newSecret(32);
  await tx.insert(emailTokens).values({
    tokenHash: hashOf(token),
    purpose,
    ...holder,
    createdAt: at,
    expiresAt: new Date(at.getTime() + lifetimeMs[purpose]),
  });
  return token;
}

/**
 * Uses a link up. The row's lock serves one caller at a time, so of any number in parallel exactly one gets an answer.
 * @returns null for a link that never was, was used, or is too old
 */
export async function redeemToken(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
  at: Date,
): Promise<TokenHolder | null> {
  const [holder] = await tx
    .update(emailTokens)
    .set({ usedAt: at })
    .where(usable(purpose, token, at))
    .returning({ email: emailTokens.email, userId: emailTokens.userId });
  return holder ?? null;
}

/** Whether a link would work, without using it: for the page it opens, which programs that scan mail open too. */
export async function isTokenUsable(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
  at: Date,
): Promise<boolean> {
  const found = await tx
    .select({ purpose: emailTokens.purpose })
    .from(emailTokens)
    .where(usable(purpose, token, at));
  return found.length > 0;
}

/** Ends every open link of one kind for an address, once one of them has done its work. */
export async function discardTokens(tx: Tx, purpose: TokenPurpose, email: string, at: Date): Promise<void> {
  await tx
    .update(emailTokens)
    .set({ usedAt: at })
    .where(and(eq(emailTokens.purpose, purpose), eq(emailTokens.email, email), isNull(emailTokens.usedAt)));
}

function usable(purpose: TokenPurpose, token: string, at: Date) {
  return and(
    eq(emailTokens.tokenHash, hashOf(token)),
    eq(emailTokens.purpose, purpose),
    isNull(emailTokens.usedAt),
    gt(emailTokens.expiresAt, at),
  );
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
