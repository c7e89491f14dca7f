import { headers } from "next/headers";
import NextAuth, { AuthError, CredentialsSignin, type NextAuthConfig } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { readOrigin } from "#app/_http/client-network.ts";
import { oauthProfile, oauthProviders } from "#app/_http/oauth-providers.ts";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { cookiesAreSecure, sessionCookieName } from "#app/_http/session-cookie.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import { redeemMagicLink } from "#lib/accounts/magic-link.ts";
import { signInWithOAuth } from "#lib/accounts/oauth.ts";
import { type Claims, sessionLifetimeMs } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

declare module "next-auth" {
  interface User {
    /** Which of our sessions the sign-in started; it makes every signed cookie revocable. */
    sessionId?: string;
  }
}

const passwordInput = z.object({ email: emailSchema, password: z.string() });
const linkInput = z.object({ token: z.string() });

/** Each way in that needs no other site: what the form sent goes to one room function, which starts the session. */
const ownWaysIn = [
  Credentials({
    id: "password",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      return userOf(await signInWithPassword({ ...passwordInput.parse(input), origin }, now()));
    },
  }),
  Credentials({
    id: "sign-up",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      const { claims } = await signUp({ ...passwordInput.parse(input), origin }, now());
      return claims && userOf(claims);
    },
  }),
  Credentials({
    id: "magic-link",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      return userOf(await redeemMagicLink({ ...linkInput.parse(input), origin }, now()));
    },
  }),
];

function userOf({ userId, sessionId }: Claims) {
  return { id: userId, sessionId };
}

function config(): NextAuthConfig {
  return {
    providers: [...ownWaysIn, ...oauthProviders(env())],
    secret: env().AUTH_SECRET,
    trustHost: true,
    basePath: "/api/auth",
    session: { strategy: "jwt", maxAge: sessionLifetimeMs / 1_000 },
    cookies: {
      sessionToken: {
        name: sessionCookieName(),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure: cookiesAreSecure() },
      },
    },
    useSecureCookies: cookiesAreSecure(),
    pages: { signIn: "/sign-in", error: "/sign-in" },
    callbacks: { jwt: tokenOf, redirect: ({ url }) => ownUrl(url) },
    // Whoever calls sees the error and logs it once; next-auth would print it in colours, with addresses in it.
    logger: { error: () => {}, warn: (code) => log.warn({ code }, "next-auth warns"), debug: () => {} },
  };
}

type JwtCallback = NonNullable<NonNullable<NextAuthConfig["callbacks"]>["jwt"]>;

/** What the cookie holds: the user's id and the session's, and nothing else. */
const tokenOf: JwtCallback = async ({ token, user, account, profile }) => {
  if (account?.type === "oauth" || account?.type === "oidc") {
    const origin = readOrigin(new Headers(await headers()));
    return { ...(await signInWithOAuth(oauthProfile(account, profile), origin, now())) };
  }
  if (user?.id === undefined || user.sessionId === undefined) return token;
  return { userId: user.id, sessionId: user.sessionId };
};

function ownUrl(wanted: string): string {
  const { origin } = new URL(env().APP_URL);
  const path = wanted.startsWith(`${origin}/`) ? wanted.slice(origin.length) : wanted;
  return new URL(safeRedirectPath(path), origin).href;
}

const nextAuth = NextAuth(config);

/** Ends an OAuth sign-in: the route that Google and GitHub send people back to. */
export const handleOAuthCallback = nextAuth.handlers.GET;

/**
 * Signs in by one of our own ways and writes the cookie of the answer.
 * @returns false when a sign-up may only be answered by letter
 * @throws AppError what the room function threw
 */
export async function signInWith(
  way: "password" | "sign-up" | "magic-link",
  input: Record<string, string>,
): Promise<boolean> {
  try {
    await nextAuth.signIn(way, { ...input, redirect: false });
    return true;
  } catch (error) {
    if (error instanceof CredentialsSignin) return false;
    throw causeOf(error);
  }
}

/** Sends the browser to Google or GitHub. */
export async function redirectToProvider(provider: "google" | "github", next: string): Promise<never> {
  const redirectUri = new URL(`/api/auth/callback/${provider}`, env().APP_URL).href;
  return nextAuth.signIn(provider, { redirectTo: next }, { redirect_uri: redirectUri });
}

/** Takes the cookie away; the session itself is ended by the accounts room. */
export async function clearSessionCookie(): Promise<void> {
  await nextAuth.signOut({ redirect: false });
}

/** next-auth wraps what a way in throws; the person is told what we threw. */
function causeOf(error: unknown): unknown {
  const cause = error instanceof AuthError ? error.cause?.err : undefined;
  return cause instanceof AppError ? cause : (cause ?? error);
}
