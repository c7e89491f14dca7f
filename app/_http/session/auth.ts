import { headers } from "next/headers";
import NextAuth, { AuthError, CredentialsSignin, type NextAuthConfig } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { readOrigin } from "#app/_http/server/client-network.ts";
import { oauthProfile, oauthProviders } from "#app/_http/session/oauth-providers.ts";
import { cookiesAreSecure, sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import { redeemMagicLink } from "#lib/accounts/magic-link.ts";
import { signInWithOAuth } from "#lib/accounts/oauth.ts";
import { type SessionClaims, sessionLifetimeMs } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

declare module "next-auth" {
  interface User {
    /** The session row that the sign-in created; deleting the row revokes the cookie. */
    sessionId?: string;
  }
}

const passwordInput = z.object({ email: emailSchema, password: z.string() });
const linkInput = z.object({ token: z.string() });

/** The sign-in methods without a third party. Each calls one accounts function, which creates the session. */
const credentialsProviders = [
  Credentials({
    id: "password",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      return toUser(await signInWithPassword({ ...passwordInput.parse(input), origin }, now()));
    },
  }),
  Credentials({
    id: "sign-up",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      const { claims } = await signUp({ ...passwordInput.parse(input), origin }, now());
      return claims && toUser(claims);
    },
  }),
  Credentials({
    id: "magic-link",
    authorize: async (input, request) => {
      const origin = readOrigin(request.headers);
      return toUser(await redeemMagicLink({ ...linkInput.parse(input), origin }, now()));
    },
  }),
];

function toUser({ userId, sessionId }: SessionClaims) {
  return { id: userId, sessionId };
}

function config(): NextAuthConfig {
  return {
    providers: [...credentialsProviders, ...oauthProviders(env())],
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
    callbacks: { jwt: toToken, redirect: ({ url }) => safeRedirectUrl(url) },
    // The caller catches and logs the error; next-auth's own log would contain email addresses.
    logger: { error: () => {}, warn: (code) => log.warn({ code }, "next-auth warning"), debug: () => {} },
  };
}

type JwtCallback = NonNullable<NonNullable<NextAuthConfig["callbacks"]>["jwt"]>;

/** The payload of the cookie: the user's id and the session's id only. */
const toToken: JwtCallback = async ({ token, user, account, profile }) => {
  if (account?.type === "oauth" || account?.type === "oidc") {
    const origin = readOrigin(new Headers(await headers()));
    return { ...(await signInWithOAuth(oauthProfile(account, profile), origin, now())) };
  }
  if (user?.id === undefined || user.sessionId === undefined) return token;
  return { userId: user.id, sessionId: user.sessionId };
};

function safeRedirectUrl(requested: string): string {
  const { origin } = new URL(env().APP_URL);
  const path = requested.startsWith(`${origin}/`) ? requested.slice(origin.length) : requested;
  return new URL(safeRedirectPath(path), origin).href;
}

const nextAuth = NextAuth(config);

/** Completes an OAuth sign-in; the handler of the URL that Google and GitHub redirect to. */
export const handleOAuthCallback = nextAuth.handlers.GET;

/**
 * Signs in with one of the credentials providers and sets the session cookie.
 * @returns false when the sign-up must be completed by email
 * @throws AppError the error of the accounts function
 */
export async function signInWith(
  method: "password" | "sign-up" | "magic-link",
  input: Record<string, string>,
): Promise<boolean> {
  try {
    await nextAuth.signIn(method, { ...input, redirect: false });
    return true;
  } catch (error) {
    if (error instanceof CredentialsSignin) return false;
    throw unwrapAuthError(error);
  }
}

/** Redirects the browser to Google or GitHub. */
export async function redirectToProvider(provider: "google" | "github", next: string): Promise<never> {
  const redirectUri = new URL(`/api/auth/callback/${provider}`, env().APP_URL).href;
  return nextAuth.signIn(provider, { redirectTo: next }, { redirect_uri: redirectUri });
}

/** Clears the session cookie. The session row is deleted by the accounts module. */
export async function clearSessionCookie(): Promise<void> {
  await nextAuth.signOut({ redirect: false });
}

/** Returns the original error, which next-auth wraps in its own. */
function unwrapAuthError(error: unknown): unknown {
  const cause = error instanceof AuthError ? error.cause?.err : undefined;
  return cause instanceof AppError ? cause : (cause ?? error);
}
