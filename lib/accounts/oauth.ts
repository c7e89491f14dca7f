import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { oauthAccounts } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { nameFromAddress } from "#lib/accounts/email-address.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { claimAccount, startSession } from "#lib/accounts/sign-in.ts";
import { limitNewAccounts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { createUser, findUserByEmail } from "#lib/accounts/users.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

export type OAuthProvider = "google" | "github";

/** The profile from the provider; `verifiedEmail` is null unless the provider verified the address. */
export type OAuthProfile = {
  provider: OAuthProvider;
  providerAccountId: string;
  verifiedEmail: string | null;
  name: string | null;
};

/**
 * Signs in with Google or GitHub. The first sign-in links the provider's account to the user with the same
 * address, only if the provider verified the address.
 * @throws AppError `forbidden` if the address is not verified
 */
export async function signInWithOAuth(
  profile: OAuthProfile,
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  return db().transaction(async (tx) => {
    const userId = (await findLinkedUser(tx, profile)) ?? (await linkAccount(tx, profile, origin, at));
    return startSession(tx, userId, profile.provider, origin, at);
  });
}

async function findLinkedUser(tx: Tx, { provider, providerAccountId }: OAuthProfile): Promise<string | null> {
  const [found] = await tx
    .select({ userId: oauthAccounts.userId })
    .from(oauthAccounts)
    .where(and(eq(oauthAccounts.provider, provider), eq(oauthAccounts.providerAccountId, providerAccountId)));
  return found?.userId ?? null;
}

async function linkAccount(tx: Tx, profile: OAuthProfile, origin: RequestOrigin, at: Date): Promise<string> {
  const { provider, providerAccountId, verifiedEmail: email } = profile;
  if (email === null) throw new AppError("forbidden", { reason: errorReason("providerEmailUnverified") });
  const name = profile.name?.trim().slice(0, 80) || nameFromAddress(email);
  const added = await createUser(tx, { email, name, emailVerifiedAt: at, browserLocale: origin.locale }, at);
  if (added !== null) await limitNewAccounts(tx, origin.network, at);
  const account = added === null ? await findUserByEmail(tx, email) : null;
  if (account !== null) await claimAccount(tx, account, at);
  const userId = added?.userId ?? account?.userId;
  if (userId === undefined) throw new AppError("conflict");
  await tx
    .insert(oauthAccounts)
    .values({ provider, providerAccountId, userId, createdAt: at })
    .onConflictDoNothing();
  const action = added === null ? "account.linked" : "user.created";
  const entry = { action, actorUserId: userId, target: userId, data: { provider } };
  await recordAudit(tx, { ...entry, ...(added && { workspaceId: added.workspaceId }) }, at);
  return userId;
}
