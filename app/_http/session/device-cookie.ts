import { cookies, headers } from "next/headers";
import { readOrigin } from "#app/_http/server/client-network.ts";
import { cookiesAreSecure } from "#app/_http/session/session-cookie.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { newSecret } from "#lib/core/ids.ts";

/** Browsers keep cookies for at most 400 days; every sign-in starts the time again. */
const maxAgeSeconds = 400 * 86_400;

/**
 * The cookie with the random id of a browser. It proves nothing about the user: it recognizes a browser in
 * which an account has signed in before, and binds emailed links and passkey challenges to the browser that
 * asked for them.
 */
export function deviceCookieName(): string {
  return cookiesAreSecure() ? "__Host-parley.device" : "parley.device";
}

/** The id of this browser; null if it has none yet. */
export async function readDeviceId(): Promise<string | null> {
  const value = (await cookies()).get(deviceCookieName())?.value ?? "";
  return isDeviceId(value) ? value : null;
}

/** The client of this server action. A browser without an id gets one. */
export async function actionOrigin(): Promise<RequestOrigin> {
  const origin = readOrigin(new Headers(await headers()));
  return { ...origin, deviceId: await keepDeviceId() };
}

/** Reads the id of the browser from request headers, where `cookies()` is not available. */
export function deviceIdOf(requestHeaders: Headers): string | null {
  const prefix = `${deviceCookieName()}=`;
  const pairs = (requestHeaders.get("cookie") ?? "").split("; ");
  const value = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length) ?? "";
  return isDeviceId(value) ? value : null;
}

async function keepDeviceId(): Promise<string> {
  const deviceId = (await readDeviceId()) ?? newSecret(32);
  (await cookies()).set(deviceCookieName(), deviceId, {
    httpOnly: true,
    sameSite: "lax",
    secure: cookiesAreSecure(),
    path: "/",
    maxAge: maxAgeSeconds,
  });
  return deviceId;
}

function isDeviceId(value: string): boolean {
  return /^[\w-]{43}$/.test(value);
}
