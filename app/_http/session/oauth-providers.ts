import type { Account, Profile } from "next-auth";
import GitHub from "next-auth/providers/github";
import Google from "next-auth/providers/google";
import { z } from "zod";
import { emailSchema } from "#lib/accounts/email-address.ts";
import type { OAuthProfile } from "#lib/accounts/oauth.ts";
import type { Env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";

type Keys = Pick<Env, "AUTH_GOOGLE_ID" | "AUTH_GOOGLE_SECRET" | "AUTH_GITHUB_ID" | "AUTH_GITHUB_SECRET">;

/** The OAuth providers that have keys in the environment, in the order of their buttons. */
export function configuredProviders(keys: Keys): ("google" | "github")[] {
  const { AUTH_GOOGLE_ID, AUTH_GITHUB_ID } = keys;
  return [
    ...(AUTH_GOOGLE_ID === undefined ? [] : (["google"] as const)),
    ...(AUTH_GITHUB_ID === undefined ? [] : (["github"] as const)),
  ];
}

/** The next-auth providers for the services that have keys in the environment. */
export function oauthProviders(keys: Keys) {
  const { AUTH_GOOGLE_ID, AUTH_GOOGLE_SECRET, AUTH_GITHUB_ID, AUTH_GITHUB_SECRET } = keys;
  return [
    ...(AUTH_GOOGLE_ID === undefined || AUTH_GOOGLE_SECRET === undefined
      ? []
      : [
          Google({
            clientId: AUTH_GOOGLE_ID,
            clientSecret: AUTH_GOOGLE_SECRET,
            checks: ["pkce", "state"],
          }),
        ]),
    ...(AUTH_GITHUB_ID === undefined || AUTH_GITHUB_SECRET === undefined
      ? []
      : [
          GitHub({
            clientId: AUTH_GITHUB_ID,
            clientSecret: AUTH_GITHUB_SECRET,
            checks: ["pkce", "state"],
            userinfo: {
              url: "https://api.github.com/user",
              request: ({ tokens }: { tokens: { access_token?: string } }) =>
                readGitHubUser(tokens.access_token ?? ""),
            },
          }),
        ]),
  ];
}

const gitHubUserSchema = z.looseObject({ id: z.number(), login: z.string() });
const gitHubEmailsSchema = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

/** Reads the user and the verified email addresses; the address in GitHub's profile may be unverified. */
async function readGitHubUser(accessToken: string) {
  const callGitHub = async (path: string) => {
    const response = await fetch(`https://api.github.com${path}`, {
      headers: { authorization: `Bearer ${accessToken}`, "user-agent": "parley" },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`GitHub responded ${response.status} to ${path}.`);
    return response.json();
  };
  const [user, emails] = await Promise.all([callGitHub("/user"), callGitHub("/user/emails")]);
  const verified = gitHubEmailsSchema.parse(emails).filter((entry) => entry.verified);
  const email = (verified.find((entry) => entry.primary) ?? verified[0])?.email ?? null;
  return { ...gitHubUserSchema.parse(user), email, email_verified: email !== null };
}

const profileSchema = z.object({
  email: z.string().nullish(),
  email_verified: z.boolean().nullish(),
  name: z.string().nullish(),
});

/**
 * Converts a provider's profile. `verifiedEmail` is null unless the provider has verified the address.
 * @throws AppError `bad_request` for an unknown provider or a malformed profile
 */
export function oauthProfile(account: Account, profile: Profile | undefined): OAuthProfile {
  const provider = z.enum(["google", "github"]).safeParse(account.provider);
  const parsed = profileSchema.safeParse(profile);
  if (!provider.success || !parsed.success) throw new AppError("bad_request");
  const { email, email_verified: verified, name } = parsed.data;
  const address = emailSchema.safeParse(email ?? "");
  return {
    provider: provider.data,
    providerAccountId: account.providerAccountId,
    verifiedEmail: verified === true && address.success ? address.data : null,
    name: name ?? null,
  };
}
