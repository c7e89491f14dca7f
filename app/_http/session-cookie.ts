import { decode } from "next-auth/jwt";
import { z } from "zod";
import type { Claims } from "#lib/accounts/sessions.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Cookies travel over TLS alone wherever the app is served by it. */
export function cookiesAreSecure(): boolean {
  return env().APP_URL.startsWith("https://");
}

/** The cookie that holds the signed session; next-auth writes it, and its name salts the key. */
export function sessionCookieName(): string {
  return `${cookiesAreSecure() ? "__Secure-" : ""}authjs.session-token`;
}

const payloadSchema = z.object({ userId: z.uuid(), sessionId: z.uuid(), exp: z.number() });
type Known = { claims: Claims; expiresAtSeconds: number };

/** Deriving the key and decrypting costs more than all else in a small request, and a cookie's text never changes its meaning. */
const known = () => singleton("session-cookie.known", () => new Map<string, Known>());
const mostKnown = 5_000;

/** Who a session cookie says it is, without the database; null for a cookie that is not ours or has expired. */
export async function decodeSessionCookie(cookie: string | undefined): Promise<Claims | null> {
  if (cookie === undefined || cookie === "") return null;
  const found = known().get(cookie) ?? (await decodeCookie(cookie));
  if (found === null || found.expiresAtSeconds * 1000 <= Date.now()) return null;
  return found.claims;
}

async function decodeCookie(token: string): Promise<Known | null> {
  const salt = sessionCookieName();
  const payload = await decode({ token, secret: env().AUTH_SECRET, salt }).catch(() => null);
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) return null;
  const { userId, sessionId, exp } = parsed.data;
  const entry = { claims: { userId, sessionId }, expiresAtSeconds: exp };
  const cache = known();
  const oldest = cache.size >= mostKnown ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(token, entry);
  return entry;
}

/** The session cookie of a bare request, where Next's own `cookies()` would cost more than it gives. */
export function readSessionCookie(headers: Headers): string | undefined {
  const prefix = `${sessionCookieName()}=`;
  const pair = headers
    .get("cookie")
    ?.split("; ")
    .find((part) => part.startsWith(prefix));
  return pair?.slice(prefix.length);
}
