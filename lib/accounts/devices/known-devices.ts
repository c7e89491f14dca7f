import { createHash } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { knownDevices } from "#db/schema/sign-in.ts";

/** Only this hash of the id in a browser's cookie is stored. */
export function deviceHash(deviceId: string): string {
  return createHash("sha256").update(deviceId).digest("base64url");
}

/** Whether the account of an address has signed in with this browser before. */
export async function isKnownDevice(tx: Tx, email: string, deviceId: string): Promise<boolean> {
  const found = await tx
    .select({ userId: knownDevices.userId })
    .from(knownDevices)
    .innerJoin(users, eq(users.id, knownDevices.userId))
    .where(and(eq(users.email, email), eq(knownDevices.deviceHash, deviceHash(deviceId))));
  return found.length > 0;
}

/**
 * Records a sign-in with a browser.
 * @returns whether the account has signed in before, but never with this browser
 */
export async function rememberDevice(
  tx: Tx,
  userId: string,
  deviceId: string | null,
  at: Date,
): Promise<{ isNew: boolean }> {
  const known = await tx
    .select({ deviceHash: knownDevices.deviceHash })
    .from(knownDevices)
    .where(eq(knownDevices.userId, userId));
  const hash = deviceId === null ? null : deviceHash(deviceId);
  if (hash !== null)
    await tx
      .insert(knownDevices)
      .values({ userId, deviceHash: hash, createdAt: at, lastUsedAt: at })
      .onConflictDoUpdate({
        target: [knownDevices.userId, knownDevices.deviceHash],
        set: { lastUsedAt: at },
      });
  return { isNew: known.length > 0 && !known.some((device) => device.deviceHash === hash) };
}

/** Forgets all browsers, when the owner of the email address takes over an unconfirmed account. */
export async function forgetDevices(tx: Tx, userId: string): Promise<void> {
  await tx.delete(knownDevices).where(eq(knownDevices.userId, userId));
}
