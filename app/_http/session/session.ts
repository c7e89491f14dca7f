import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { decodeSessionCookie, readSessionCookie } from "#app/_http/session/session-cookie.ts";
import { db } from "#db/client.ts";
import { type Identity, readIdentity, type SessionClaims } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";

/** The claims of the session cookie. The database is not queried, so the session may have been revoked. */
export const readClaims = cache(async (): Promise<SessionClaims | null> => {
  return decodeSessionCookie(readSessionCookie(await headers()));
});

/** The signed-in user, checked against the database once per request; null without a valid session. */
export const currentIdentity = cache(async (): Promise<Identity | null> => {
  const claims = await readClaims();
  return claims === null ? null : readIdentity(db(), claims, now());
});

/**
 * Returns the signed-in user, or redirects to the sign-in page, which returns to the requested page
 * afterwards.
 * @param fallback the path to return to when proxy.ts did not set `x-parley-path`
 */
export async function requireUser(fallback = "/chat"): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity !== null) return identity;
  const requested = (await headers()).get("x-parley-path") ?? fallback;
  return redirect(`/sign-in?next=${encodeURIComponent(requested)}`);
}
