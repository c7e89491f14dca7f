import { createHash, randomInt } from "node:crypto";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { emailTokens } from "#db/schema/accounts.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { newSecret } from "#lib/core/ids.ts";

export type TokenPurpose = "magic_link" | "reset_password" | "verify_email" | "prove_identity";
export type TokenHolder = { email: string; userId: string | null };

const minuteMs = 60_000;
/** How long a link and its code are valid. */
const lifetimeMs: Record<TokenPurpose, number> = {
  magic_link: 10 * minuteMs,
  reset_password: 10 * minuteMs,
  verify_email: 24 * 60 * minuteMs,
  prove_identity: 10 * minuteMs,
};
/** Attempts of one browser or session to enter a code of eight digits. */
const codeAttempts: Bucket = { capacity: 5, refillPerMinute: 0.2 };

/** What a user has from an email: the token of its link, or the code to type instead. */
export type EmailedSecret = { token: string } | { code: string };

/**
 * Creates the secrets of an email: a token for its link, and a code of eight digits to type instead. Only
 * their hashes are stored.
 * @param requester the id of the browser or session that asked, which alone can redeem them; null for a link
 *   that works anywhere and has no code
 */
export async function issueToken(
  tx: Tx,
  purpose: TokenPurpose,
  holder: TokenHolder,
  at: Date,
  requester: string | null = null,
): Promise<{ token: string; code: string }> {
  const token = newSecret(32);
  const code = String(randomInt(100_000_000)).padStart(8, "0");
  await tx.insert(emailTokens).values({
    tokenHash: hashText(token),
    purpose,
    ...holder,
    ...(requester !== null && { binding: hashText(requester), codeHash: hashCode(requester, code) }),
    createdAt: at,
    expiresAt: new Date(at.getTime() + lifetimeMs[purpose]),
  });
  return { token, code: `${code.slice(0, 4)} ${code.slice(4)}` };
}

/**
 * Redeems a token or a code. The row lock serializes concurrent calls, so only one of them succeeds.
 * @param requester the id of the browser or session
 * @returns null if it does not exist, was used, has expired, or belongs to another browser or session
 */
export async function redeemToken(
  tx: Tx,
  purpose: TokenPurpose,
  secret: EmailedSecret,
  at: Date,
  requester: string | null = null,
): Promise<TokenHolder | null> {
  const [holder] = await tx
    .update(emailTokens)
    .set({ usedAt: at })
    .where(and(isOpen(purpose, at), matches(secret, requester), isBoundTo(requester)))
    .returning({ email: emailTokens.email, userId: emailTokens.userId });
  return holder ?? null;
}

/** The error for a link or code that `redeemToken` does not accept. */
export function unusableSecret(secret: EmailedSecret): AppError {
  const reason = errorReason("token" in secret ? "linkExpired" : "codeExpired");
  return new AppError("unauthenticated", { reason });
}

/**
 * Counts an attempt to enter a code. Call it outside of the transaction that redeems the code.
 * @throws AppError `too_many_requests`
 */
export async function limitCodeAttempts(
  tx: Tx,
  secret: EmailedSecret,
  requester: string | null,
  at: Date,
): Promise<void> {
  if ("token" in secret) return;
  const key = `code:${hashText(requester ?? "")}`;
  const { ok, retryAfterSeconds } = await takeToken(tx, key, codeAttempts, at);
  if (!ok) throw new AppError("too_many_requests", { retryAfterSeconds });
}

/**
 * Reads whether a token is valid, without redeeming it; email scanners also open the page of a link.
 * @returns "other_browser" if another browser asked for it
 */
export async function readTokenState(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
  at: Date,
  requester: string | null = null,
): Promise<"usable" | "other_browser" | "unusable"> {
  const [found] = await tx
    .select({ isBound: isBoundTo(requester).mapWith(Boolean) })
    .from(emailTokens)
    .where(and(isOpen(purpose, at), matches({ token }, requester)));
  if (found === undefined) return "unusable";
  return found.isBound ? "usable" : "other_browser";
}

/** Invalidates all open tokens of one purpose for an address, after one of them was redeemed. */
export async function discardTokens(tx: Tx, purpose: TokenPurpose, email: string, at: Date): Promise<void> {
  await tx
    .update(emailTokens)
    .set({ usedAt: at })
    .where(and(eq(emailTokens.purpose, purpose), eq(emailTokens.email, email), isNull(emailTokens.usedAt)));
}

function isOpen(purpose: TokenPurpose, at: Date) {
  return and(eq(emailTokens.purpose, purpose), isNull(emailTokens.usedAt), gt(emailTokens.expiresAt, at));
}

function matches(secret: EmailedSecret, requester: string | null) {
  return "token" in secret
    ? eq(emailTokens.tokenHash, hashText(secret.token))
    : eq(emailTokens.codeHash, hashCode(requester ?? "", secret.code));
}

function isBoundTo(requester: string | null) {
  const binding = requester === null ? "" : hashText(requester);
  return sql`(${emailTokens.binding} is null or ${emailTokens.binding} = ${binding})`;
}

/** The requester's id is unguessable, so the hash does not reveal the code. */
function hashCode(requester: string, code: string): string {
  return hashText(`${requester}:${code.replace(/\D/g, "")}`);
}

function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
