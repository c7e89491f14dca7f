import type { Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { deviceName } from "#lib/accounts/devices/devices.ts";
import { rememberDevice } from "#lib/accounts/devices/known-devices.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { newDeviceEmail } from "#lib/accounts/email/security-emails.ts";
import { createSession, type SessionClaims } from "#lib/accounts/sessions.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { findUserById, recordBrowserLocale } from "#lib/accounts/users.ts";

/** How a session was started, or what was tried. */
export type SignInMethod = "password" | "magic_link" | "sign_up" | "google" | "github" | "passkey";

/**
 * Creates a session for a user who has proven everything that the account asks for. Records the browser's
 * language and the audit entry, and sends an email when the account was never used in this browser.
 * @param secondFactor the second factor that was used; null if the account has none
 */
export async function openSession(
  tx: Tx,
  userId: string,
  { method, secondFactor = null }: { method: string; secondFactor?: string | null },
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  await recordBrowserLocale(tx, userId, origin.locale);
  const claims = await createSession(tx, { userId, userAgent: origin.userAgent }, at);
  const data = { method, secondFactor, ...auditOrigin(origin) };
  await recordAudit(
    tx,
    { action: "session.created", actorUserId: userId, target: claims.sessionId, data },
    at,
  );
  const { isNew } = await rememberDevice(tx, userId, origin.deviceId, at);
  if (isNew) await queueNewDeviceEmail(tx, claims, origin, at);
  return claims;
}

/** The network and the device of a request, for the audit log. */
export function auditOrigin({ network, userAgent }: RequestOrigin): { network: string; device: string } {
  return { network, device: deviceName(userAgent) ?? "–" };
}

async function queueNewDeviceEmail(
  tx: Tx,
  { userId, sessionId }: SessionClaims,
  origin: RequestOrigin,
  at: Date,
): Promise<void> {
  const account = await findUserById(tx, userId);
  if (account === null) return;
  const data = { ...auditOrigin(origin), at };
  const uniqueKey = `new-device:${sessionId}`;
  await queueEmail(tx, { to: account.email, template: newDeviceEmail, data, uniqueKey });
}
