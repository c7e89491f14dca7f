import { randomUUID } from "node:crypto";
import { and, eq, gt } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { pendingSignIns } from "#db/schema/sign-in.ts";
import { openSession } from "#lib/accounts/open-session.ts";
import {
  type SecondFactorProof,
  verifySecondFactor,
} from "#lib/accounts/second-factors/verify-second-factor.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

/** How long the second factor may take. */
const lifetimeMs = 10 * 60_000;

/** A sign-in that waits for its second factor. */
export type PendingSignIn = { id: string; userId: string; email: string; method: string };

/**
 * Stores a sign-in whose first factor was accepted.
 * @returns the claims of the cookie, which name no session
 */
export async function createPendingSignIn(
  tx: Tx,
  userId: string,
  method: string,
  at: Date,
): Promise<SessionClaims> {
  const id = randomUUID();
  const expiresAt = new Date(at.getTime() + lifetimeMs);
  await tx.insert(pendingSignIns).values({ id, userId, method, createdAt: at, expiresAt });
  return { userId, sessionId: id };
}

/** Finds the sign-in that a cookie names; null if it is complete, has expired, or never was one. */
export async function readPendingSignIn(
  tx: Tx,
  claims: SessionClaims,
  at: Date,
): Promise<PendingSignIn | null> {
  const [found] = await tx
    .select({
      id: pendingSignIns.id,
      userId: pendingSignIns.userId,
      email: users.email,
      method: pendingSignIns.method,
    })
    .from(pendingSignIns)
    .innerJoin(users, eq(users.id, pendingSignIns.userId))
    .where(
      and(
        eq(pendingSignIns.id, claims.sessionId),
        eq(pendingSignIns.userId, claims.userId),
        gt(pendingSignIns.expiresAt, at),
      ),
    );
  return found ?? null;
}

/**
 * Completes a sign-in with its second factor.
 * @returns the claims of a new session; its id is another one than that of the pending sign-in
 * @throws AppError `unauthenticated` if there is no pending sign-in, `invalid_input` on the field `code`,
 *   `too_many_requests`
 */
export async function completeSignIn(
  claims: SessionClaims | null,
  proof: SecondFactorProof,
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  const pending = claims === null ? null : await readPendingSignIn(db(), claims, at);
  if (pending === null) throw new AppError("unauthenticated", { reason: errorReason("signInExpired") });
  const { id, userId, email, method } = pending;
  const holder = { userId, email, sessionId: id };
  const secondFactor = await verifySecondFactor(holder, proof, origin, at);
  return db().transaction(async (tx) => {
    const completed = await discardPendingSignIn(tx, pending.id);
    if (!completed) throw new AppError("unauthenticated");
    return openSession(tx, userId, { method, secondFactor }, origin, at);
  });
}

/** Ends a pending sign-in. @returns whether it was still open */
export async function discardPendingSignIn(tx: Tx, id: string): Promise<boolean> {
  const discarded = await tx
    .delete(pendingSignIns)
    .where(eq(pendingSignIns.id, id))
    .returning({ id: pendingSignIns.id });
  return discarded.length > 0;
}
