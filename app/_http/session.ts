import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { decodeSessionCookie, sessionCookieName } from "#app/_http/session-cookie.ts";
import { db } from "#db/client.ts";
import { type Claims, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";

/** Who the cookie says is here; nothing is asked of the database, so the session may have been revoked since. */
export const readClaims = cache(async (): Promise<Claims | null> => {
  const jar = await cookies();
  return decodeSessionCookie(jar.get(sessionCookieName())?.value);
});

/** Who is here, checked against the database once a request; null when nobody is, or no longer. */
export const currentIdentity = cache(async (): Promise<Identity | null> => {
  const claims = await readClaims();
  return claims === null ? null : readIdentity(db(), claims, now());
});

/**
 * Who is here, or a redirect to the sign-in page, which leads back to the page that was asked for.
 * @param fallback the path to come back to where the proxy has not noted the page (it lets prefetches pass)
 */
export async function requireUser(fallback = "/chat"): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity !== null) return identity;
  const wanted = (await headers()).get("x-parley-path") ?? fallback;
  return redirect(`/sign-in?next=${encodeURIComponent(wanted)}`);
}
