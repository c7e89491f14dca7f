import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { auditOrigin, openSession } from "#lib/accounts/open-session.ts";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import {
  type AuthenticationResponse,
  startAuthentication,
  verifyPasskey,
} from "#lib/accounts/second-factors/passkeys.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { attemptsExceeded, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { AppError, errorReason, toPublicError } from "#lib/core/errors.ts";

const perNetwork = { capacity: 60, refillPerMinute: 10 };

/**
 * Returns the options for the browser to sign in with any of its passkeys for this site.
 * @throws AppError `too_many_requests`; `bad_request` for a browser without our cookie
 */
export async function startPasskeySignIn(origin: RequestOrigin, at: Date) {
  await limitNetwork(origin, at);
  return startAuthentication(db(), requireDevice(origin), null, at);
}

/**
 * Signs in with a passkey, which replaces password and second factor: it verifies the user on the device.
 * @throws AppError `unauthenticated` if the response does not answer this browser's challenge,
 *   `too_many_requests`
 */
export async function signInWithPasskey(
  response: AuthenticationResponse,
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  await limitNetwork(origin, at);
  try {
    const { userId } = await verifyPasskey(db(), requireDevice(origin), response, at);
    const how = { method: "passkey", secondFactor: "passkey" };
    return await db().transaction((tx) => openSession(tx, userId, how, origin, at));
  } catch (error) {
    const data = { method: "passkey", code: toPublicError(error).code, ...auditOrigin(origin) };
    await recordAudit(db(), { action: "session.failed", actorUserId: null, data }, at);
    throw error;
  }
}

function requireDevice({ deviceId }: RequestOrigin): string {
  if (deviceId === null) throw new AppError("bad_request", { reason: errorReason("cookiesNeeded") });
  return deviceId;
}

async function limitNetwork({ network }: RequestOrigin, at: Date): Promise<void> {
  const { ok, retryAfterSeconds } = await takeToken(db(), `passkey:network:${network}`, perNetwork, at);
  if (!ok) throw attemptsExceeded(retryAfterSeconds);
}
