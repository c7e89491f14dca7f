import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { sessions } from "#db/schema/accounts.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";

/** A device on which a user is signed in. */
export type Device = {
  sessionId: string;
  /** "Chrome · Windows", from the User-Agent header; null if it names neither. */
  name: string | null;
  current: boolean;
  createdAt: Date;
  lastSeenAt: Date;
};

/** Lists the devices on which a user is signed in: the current one first, then by last use. */
export async function listDevices(tx: Tx, claims: SessionClaims, at: Date): Promise<Device[]> {
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

/** The order matters, because browsers also name the browsers they descend from. */
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

/** Describes a device by browser and operating system, in any language; null if neither is known. */
export function deviceName(userAgent: string | null): string | null {
  const text = userAgent ?? "";
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  return [browser, system].filter((part) => part !== undefined).join(" · ") || null;
}
