import { decode } from "next-auth/jwt";
import { z } from "zod";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { authSecrets, env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Whether cookies get the Secure attribute: wherever APP_URL is https. */
export function cookiesAreSecure(): boolean {
  return env().APP_URL.startsWith("https://");
}

/**
 * The name of the cookie with the encrypted session. next-auth writes it and derives the key with the name as
 * its salt. With the prefix `__Host-`, browsers accept it only over TLS, from this host, for every path, so
 * that another subdomain cannot set one.
 */
export function sessionCookieName(): string {
  return `${cookiesAreSecure() ? "__Host-" : ""}authjs.session-token`;
}

const payloadSchema = z.object({ userId: z.uuid(), sessionId: z.uuid(), exp: z.number() });
type CachedSession = { claims: SessionClaims; expiresAtSeconds: number };

/**
 * Decoded cookies by their text: key derivation and decryption are the most expensive part of a small
 * request.
 */
const decodedCookies = () => singleton("session-cookie.decoded", () => new Map<string, CachedSession>());
const maxCachedCookies = 5_000;

/** Returns the claims of a session cookie without a database query; null for an invalid or expired cookie. */
export async function decodeSessionCookie(cookie: string | undefined): Promise<SessionClaims | null> {
  if (cookie === undefined || cookie === "") return null;
  const session = decodedCookies().get(cookie) ?? (await decodeCookie(cookie));
  if (session === null || session.expiresAtSeconds * 1000 <= Date.now()) return null;
  return session.claims;
}

async function decodeCookie(token: string): Promise<CachedSession | null> {
  const salt = sessionCookieName();
  const payload = await decode({ token, secret: authSecrets(), salt }).catch(() => null);
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) return null;
  const { userId, sessionId, exp } = parsed.data;
  const session = { claims: { userId, sessionId }, expiresAtSeconds: exp };
  const cache = decodedCookies();
  const oldest = cache.size >= maxCachedCookies ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(token, session);
  return session;
}

/**
 * Reads the session cookie from request headers; Next's `cookies()` is slower. A cookie that was sent twice
 * is not trusted: somebody else may have set one of the two, and servers disagree about which one counts.
 */
export function readSessionCookie(headers: Pick<Headers, "get">): string | undefined {
  const prefix = `${sessionCookieName()}=`;
  const pairs = (headers.get("cookie") ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix));
  return pairs.length === 1 ? pairs[0]?.slice(prefix.length) : undefined;
}
