import { cookies } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { claimsOfCookie, sessionCookieName } from "#app/_http/session-cookie.ts";
import { db } from "#db/client.ts";
import { type Claims, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/ground/clock.ts";

/** Who the cookie says is here; nothing is asked of the database, so the session may have been revoked since. */
export const readClaims = cache(async (): Promise<Claims | null> => {
  const jar = await cookies();
  return claimsOfCookie(jar.get(sessionCookieName())?.value);
});

/** Who is here, checked against the database once a request; null when nobody is, or no longer. */
export const currentIdentity = cache(async (): Promise<Identity | null> => {
  const claims = await readClaims();
  return claims === null ? null : readIdentity(db(), claims, now());
});

/**
 * Who is here, or a redirect to the sign-in page.
 * @param next the path to come back to after signing in
 */
export async function requireUser(next?: string): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity !== null) return identity;
  return redirect(next === undefined ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`);
}

/** The operator who is here; for everybody else the page does not exist. */
export async function requireOperator(): Promise<Identity> {
  const identity = await currentIdentity();
  return identity?.role === "operator" ? identity : notFound();
}
