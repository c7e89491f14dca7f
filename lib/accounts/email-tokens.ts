import { createHash } from "node:crypto";
import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { emailTokens } from "#db/schema/accounts.ts";
import { newSecret } from "#lib/core/ids.ts";

export type TokenPurpose = "magic_link" | "reset_password" | "verify_email";
export type TokenHolder = { email: string; userId: string | null };

const minuteMs = 60_000;
/** How long a link is valid. */
const lifetimeMs: Record<TokenPurpose, number> = {
  magic_link: 15 * minuteMs,
  reset_password: 60 * minuteMs,
  verify_email: 24 * 60 * minuteMs,
};

/** Creates a secret for a link in an email. Only its hash is stored. */
export async function issueToken(
  tx: Tx,
  purpose: TokenPurpose,
  holder: TokenHolder,
  at: Date,
): Promise<string> {
  const token = newSecret(32);
  await tx.insert(emailTokens).values({
    tokenHash: hashToken(token),
    purpose,
    ...holder,
    createdAt: at,
    expiresAt: new Date(at.getTime() + lifetimeMs[purpose]),
  });
  return token;
}

/**
 * Redeems a token. The row lock serializes concurrent calls, so only one of them succeeds.
 * @returns null if the token does not exist, was used, or has expired
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
    .where(isUsable(purpose, token, at))
    .returning({ email: emailTokens.email, userId: emailTokens.userId });
  return holder ?? null;
}

/** Whether a token is valid, without redeeming it; email scanners also open the page of a link. */
export async function isTokenUsable(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
  at: Date,
): Promise<boolean> {
  const found = await tx
    .select({ purpose: emailTokens.purpose })
    .from(emailTokens)
    .where(isUsable(purpose, token, at));
  return found.length > 0;
}

/** Invalidates all open tokens of one purpose for an address, after one of them was redeemed. */
export async function discardTokens(tx: Tx, purpose: TokenPurpose, email: string, at: Date): Promise<void> {
  await tx
    .update(emailTokens)
    .set({ usedAt: at })
    .where(and(eq(emailTokens.purpose, purpose), eq(emailTokens.email, email), isNull(emailTokens.usedAt)));
}

function isUsable(purpose: TokenPurpose, token: string, at: Date) {
  return and(
    eq(emailTokens.tokenHash, hashToken(token)),
    eq(emailTokens.purpose, purpose),
    isNull(emailTokens.usedAt),
    gt(emailTokens.expiresAt, at),
  );
}

function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
