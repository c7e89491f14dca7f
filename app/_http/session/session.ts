import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { decodeSessionCookie, readSessionCookie } from "#app/_http/session/session-cookie.ts";
import { db } from "#db/client.ts";
import { readPendingSignIn } from "#lib/accounts/second-factors/pending-sign-in.ts";
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

/** The sign-in of this browser that waits for its second factor; null without one. */
export const currentPendingSignIn = cache(async () => {
  const claims = await readClaims();
  return claims === null ? null : readPendingSignIn(db(), claims, now());
});

/**
 * Returns the signed-in user, or redirects to the sign-in page or to its second step, which return to the
 * requested page afterwards.
 * @param fallback the path to return to when proxy.ts did not set `x-parley-path`
 */
export async function requireUser(fallback = "/chat"): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity !== null) return identity;
  const requested = (await headers()).get("x-parley-path") ?? fallback;
  const step = (await currentPendingSignIn()) === null ? "/sign-in" : "/sign-in/second-factor";
  return redirect(`${step}?next=${encodeURIComponent(requested)}`);
}
