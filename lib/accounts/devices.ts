import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { sessions } from "#db/schema/accounts.ts";
import type { Claims } from "#lib/accounts/sessions.ts";

/** A device on which somebody is signed in. */
export type Device = {
  sessionId: string;
  /** "Chrome on Windows", as far as the browser tells. */
  name: string;
  current: boolean;
  createdAt: Date;
  lastSeenAt: Date;
};

/** The devices on which a person is signed in: this one first, then by when they were seen. */
export async function listDevices(tx: Tx, claims: Claims, at: Date): Promise<Device[]> {
  const rows = await tx
    .select({
      sessionId: sessions.id,
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .where(and(eq(sessions.userId, claims.userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, at)))
    .orderBy(desc(sessions.lastSeenAt))
    .limit(100);
  const devices = rows.map(({ userAgent, ...row }) => ({
    ...row,
    name: deviceName(userAgent),
    current: row.sessionId === claims.sessionId,
  }));
  return devices.sort((a, b) => Number(b.current) - Number(a.current));
}

/** Each is looked for in this order, because every browser also claims to be the ones it descends from. */
const browsers: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\/|Chromium\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/** A device in words its owner knows it by. */
export function deviceName(userAgent: string | null): string {
  const text = userAgent ?? "";
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  if (browser === undefined) return system ?? "Unknown device";
  return system === undefined ? browser : `${browser} on ${system}`;
}
