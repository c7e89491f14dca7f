import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { sessions } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { proofCodeEmail } from "#lib/accounts/email/security-emails.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { issueToken, limitCodeAttempts, redeemToken } from "#lib/accounts/email-tokens.ts";
import { auditOrigin } from "#lib/accounts/open-session.ts";
import { verifyPassword } from "#lib/accounts/password.ts";
import { readSecondFactors } from "#lib/accounts/second-factors/second-factor.ts";
import {
  secondFactorProofSchema,
  verifySecondFactor,
} from "#lib/accounts/second-factors/verify-second-factor.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { findUserById, hasPassword } from "#lib/accounts/users.ts";
import { AppError, fieldKey, fieldProblem, invalidInput, toPublicError } from "#lib/core/errors.ts";

/** A proof of identity allows sensitive actions for this long. The sign-in itself is one. */
export const proofLifetimeMs = 10 * 60_000;

/** The ways in which a user can prove who they are: a second factor where one exists, else the others. */
export type ProofMethods = { code: boolean; passkey: boolean; password: boolean; emailedCode: boolean };

export const identityProofSchema = z.union([
  secondFactorProofSchema,
  z.object({ password: z.string().min(1, fieldKey("passwordMissing")).max(1_000) }),
  z.object({ emailedCode: z.string().trim().min(1, fieldKey("codeMissing")).max(20) }),
]);
export type IdentityProof = z.infer<typeof identityProofSchema>;

type Prover = Pick<Identity, "userId" | "sessionId" | "email">;

/**
 * Refuses a sensitive action in a session whose last proof of identity is older than ten minutes.
 * @throws AppError `step_up_required`
 */
export function requireFreshProof({ provedAt }: Pick<Identity, "provedAt">, at: Date): void {
  if (at.getTime() - provedAt.getTime() > proofLifetimeMs) throw new AppError("step_up_required");
}

/** Reads how a user can prove who they are. A weaker proof never replaces a second factor. */
export async function readProofMethods(tx: Tx, userId: string): Promise<ProofMethods> {
  const { totp, passkeys } = await readSecondFactors(tx, userId);
  if (totp || passkeys > 0)
    // Recovery codes are entered like codes of an authenticator app.
    return { code: true, passkey: passkeys > 0, password: false, emailedCode: false };
  return { code: false, passkey: false, password: await hasPassword(tx, userId), emailedCode: true };
}

/**
 * Sends a code that proves access to the mailbox to this session.
 * @throws AppError `forbidden` if the account has a second factor, `too_many_requests`
 */
export async function requestProofCode(prover: Prover, origin: RequestOrigin, at: Date): Promise<void> {
  const { userId, sessionId, email } = prover;
  if (!(await readProofMethods(db(), userId)).emailedCode) throw new AppError("forbidden");
  await limitAttempts(db(), "email", { email, origin }, at);
  await db().transaction(async (tx) => {
    const { token, code } = await issueToken(tx, "prove_identity", { email, userId }, at, sessionId);
    const uniqueKey = `prove-identity:${addressDigest(token)}`;
    await queueEmail(tx, { to: email, template: proofCodeEmail, data: { code }, uniqueKey });
  });
}

/**
 * Proves who the user is and allows sensitive actions in this session for ten minutes.
 * @throws AppError `invalid_input` on the field of the proof, `forbidden` if the account asks for a stronger
 *   proof, `unauthenticated`, `too_many_requests`
 */
export async function proveIdentity(
  prover: Prover,
  proof: IdentityProof,
  origin: RequestOrigin,
  at: Date,
): Promise<void> {
  const { userId, sessionId } = prover;
  const method = await verifyProof(prover, proof, origin, at);
  await db().transaction(async (tx) => {
    const isOwn = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
    await tx.update(sessions).set({ provedAt: at }).where(isOwn);
    const data = { method, ...auditOrigin(origin) };
    await recordAudit(tx, { action: "session.proved", actorUserId: userId, target: sessionId, data }, at);
  });
}

async function verifyProof(
  prover: Prover,
  proof: IdentityProof,
  origin: RequestOrigin,
  at: Date,
): Promise<string> {
  if ("code" in proof || "passkey" in proof) return verifySecondFactor(prover, proof, origin, at);
  const methods = await readProofMethods(db(), prover.userId);
  if (!methods.emailedCode) throw new AppError("forbidden");
  try {
    return "password" in proof
      ? await verifyOwnPassword(prover, proof.password, origin, at)
      : await redeemProofCode(prover, proof.emailedCode, at);
  } catch (error) {
    const data = { method: "step_up", code: toPublicError(error).code, ...auditOrigin(origin) };
    await recordAudit(db(), { action: "session.failed", actorUserId: null, target: prover.userId, data }, at);
    throw error;
  }
}

async function verifyOwnPassword(
  { userId, email }: Prover,
  password: string,
  origin: RequestOrigin,
  at: Date,
): Promise<string> {
  await limitAttempts(db(), "password", { email, origin }, at);
  const account = await findUserById(db(), userId);
  if (!(await verifyPassword(account?.passwordHash ?? null, password)))
    throw invalidInput([fieldProblem("password", "passwordWrong")]);
  return "password";
}

async function redeemProofCode({ userId, sessionId }: Prover, code: string, at: Date): Promise<string> {
  const secret = { code };
  await limitCodeAttempts(db(), secret, sessionId, at);
  const holder = await redeemToken(db(), "prove_identity", secret, at, sessionId);
  if (holder?.userId !== userId) throw invalidInput([fieldProblem("emailedCode", "codeWrong")]);
  return "emailed_code";
}
