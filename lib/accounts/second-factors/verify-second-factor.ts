import { z } from "zod";
import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { auditOrigin } from "#lib/accounts/open-session.ts";
import { authenticationResponseSchema, verifyPasskey } from "#lib/accounts/second-factors/passkeys.ts";
import { redeemRecoveryCode } from "#lib/accounts/second-factors/recovery-codes.ts";
import { redeemTotpCode, wrongCode } from "#lib/accounts/second-factors/totp.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { fieldKey, toPublicError } from "#lib/core/errors.ts";

/** A code of an authenticator app, a recovery code, or a signature by a passkey. */
export const secondFactorProofSchema = z.union([
  z.object({ code: z.string().trim().min(1, fieldKey("codeMissing")).max(40) }),
  z.object({ passkey: authenticationResponseSchema }),
]);
export type SecondFactorProof = z.infer<typeof secondFactorProofSchema>;
export type SecondFactorKind = "totp" | "recovery_code" | "passkey";

/** The user who proves, and the id of their session or pending sign-in, to which challenges are bound. */
type Prover = { userId: string; email: string; sessionId: string };

/**
 * Verifies a second factor. Failed attempts are rate-limited and recorded in the audit log. Codes and
 * challenges are used up even if what follows fails, so call it outside of a transaction.
 * @returns which factor it was
 * @throws AppError `invalid_input` on the field `code`, `unauthenticated` for a passkey, `too_many_requests`
 */
export async function verifySecondFactor(
  prover: Prover,
  proof: SecondFactorProof,
  origin: RequestOrigin,
  at: Date,
): Promise<SecondFactorKind> {
  const { userId, email } = prover;
  await limitAttempts(db(), "secondFactor", { email, origin }, at);
  try {
    return "code" in proof
      ? await redeemCode(userId, proof.code, at)
      : await verifyOwnPasskey(prover, proof.passkey, at);
  } catch (error) {
    const { code } = toPublicError(error);
    const data = { method: "second_factor", code, ...auditOrigin(origin) };
    await recordAudit(db(), { action: "session.failed", actorUserId: null, target: userId, data }, at);
    throw error;
  }
}

async function redeemCode(userId: string, code: string, at: Date): Promise<SecondFactorKind> {
  // Authenticator apps use real time, also where the sandbox's clock is ahead.
  if (/^[\d\s]+$/.test(code) && (await redeemTotpCode(db(), userId, code, new Date()))) return "totp";
  if (!/^[\d\s]+$/.test(code) && (await redeemRecoveryCode(db(), userId, code, at))) return "recovery_code";
  throw wrongCode();
}

async function verifyOwnPasskey(
  { userId, sessionId }: Prover,
  response: z.infer<typeof authenticationResponseSchema>,
  at: Date,
): Promise<SecondFactorKind> {
  const used = await verifyPasskey(db(), sessionId, response, at);
  if (used.userId !== userId) throw wrongCode();
  return "passkey";
}
