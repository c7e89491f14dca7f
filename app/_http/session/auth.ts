import { headers } from "next/headers";
import NextAuth, { AuthError, CredentialsSignin, type NextAuthConfig } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { readOrigin } from "#app/_http/server/client-network.ts";
import { deviceIdOf } from "#app/_http/session/device-cookie.ts";
import { oauthProfile, oauthProviders } from "#app/_http/session/oauth-providers.ts";
import {
  cookiesAreSecure,
  decodeSessionCookie,
  readSessionCookie,
  sessionCookieName,
} from "#app/_http/session/session-cookie.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import type { EmailedSecret } from "#lib/accounts/email-tokens.ts";
import { redeemMagicLink } from "#lib/accounts/magic-link.ts";
import { signInWithOAuth } from "#lib/accounts/oauth.ts";
import { signInWithPasskey } from "#lib/accounts/passkey-sign-in.ts";
import {
  type AuthenticationResponse,
  authenticationResponseSchema,
} from "#lib/accounts/second-factors/passkeys.ts";
import { completeSignIn } from "#lib/accounts/second-factors/pending-sign-in.ts";
import {
  type SecondFactorProof,
  secondFactorProofSchema,
} from "#lib/accounts/second-factors/verify-second-factor.ts";
import { type SessionClaims, sessionLifetimeMs } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { now } from "#lib/core/clock.ts";
import { authSecrets, env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

declare module "next-auth" {
  interface User {
    /** The session row that the sign-in created; deleting the row revokes the cookie. */
    sessionId?: string;
  }
}

const passwordInput = z.object({ email: emailSchema, password: z.string() });
const linkInput = z.union([z.object({ token: z.string() }), z.object({ code: z.string() })]);

/** The sign-in methods without a third party. Each calls one accounts function, which creates the session. */
const credentialsProviders = [
  credentials("password", (input, { origin }) =>
    signInWithPassword({ ...passwordInput.parse(input), origin }, now()),
  ),
  credentials("sign-up", async (input, { origin }) => {
    const { claims } = await signUp({ ...passwordInput.parse(input), origin }, now());
    return claims;
  }),
  credentials("magic-link", (input, { origin }) =>
    redeemMagicLink({ secret: linkInput.parse(input), origin }, now()),
  ),
  credentials("passkey", (input, { origin }) =>
    signInWithPasskey(authenticationResponseSchema.parse(input), origin, now()),
  ),
  credentials("second-factor", (input, { origin, claims }) =>
    completeSignIn(claims, secondFactorProofSchema.parse(input), origin, now()),
  ),
];

type Context = { origin: RequestOrigin; claims: SessionClaims | null };

/**
 * A provider for a sign-in of our own. `signInWith` passes the input as JSON, and the id of the browser,
 * whose cookie may be as new as the request.
 */
function credentials(
  id: SignInWay,
  authorize: (input: unknown, context: Context) => Promise<SessionClaims | null>,
) {
  return Credentials({
    id,
    authorize: async ({ json, deviceId }, { headers }) => {
      const origin = { ...readOrigin(headers), deviceId: z.string().parse(deviceId) };
      const claims = await decodeSessionCookie(readSessionCookie(headers));
      const created = await authorize(JSON.parse(z.string().parse(json)), { origin, claims });
      return created && toUser(created);
    },
  });
}

function toUser({ userId, sessionId }: SessionClaims) {
  return { id: userId, sessionId };
}

function config(): NextAuthConfig {
  return {
    providers: [...credentialsProviders, ...oauthProviders(env())],
    secret: authSecrets(),
    trustHost: true,
    basePath: "/api/auth",
    session: { strategy: "jwt", maxAge: sessionLifetimeMs.user / 1_000 },
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
    const requestHeaders = new Headers(await headers());
    const origin = { ...readOrigin(requestHeaders), deviceId: deviceIdOf(requestHeaders) };
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

type SignInWay = "password" | "sign-up" | "magic-link" | "passkey" | "second-factor";
type SignInInput = z.infer<typeof passwordInput> | EmailedSecret | AuthenticationResponse | SecondFactorProof;

/**
 * Signs in with one of the credentials providers and sets the session cookie.
 * @returns false when the sign-up must be completed by email
 * @throws AppError the error of the accounts function
 */
export async function signInWith(
  way: SignInWay,
  input: SignInInput,
  { deviceId }: RequestOrigin,
): Promise<boolean> {
  try {
    await nextAuth.signIn(way, { json: JSON.stringify(input), deviceId, redirect: false });
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
