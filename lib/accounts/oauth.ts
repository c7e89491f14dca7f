import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { oauthAccounts } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { nameFromAddress } from "#lib/accounts/email-address.ts";
import type { Claims } from "#lib/accounts/sessions.ts";
import { claimAccount, startSession } from "#lib/accounts/sign-in.ts";
import type { Origin } from "#lib/accounts/sign-in-limits.ts";
import { createUser, findByEmail } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

export type OAuthProvider = "google" | "github";

/** Who a provider says somebody is; `verifiedEmail` only where the provider vouches for it. */
export type OAuthProfile = {
  provider: OAuthProvider;
  providerAccountId: string;
  verifiedEmail: string | null;
  name: string | null;
};

/**
 * Signs in somebody whom Google or GitHub vouches for. The first time, their account joins the user with the same
 * address, and only if the provider has verified it: an unverified address proves nothing.
 * @throws AppError `forbidden` when it has not
 */
export async function signInWithOAuth(profile: OAuthProfile, origin: Origin, at: Date): Promise<Claims> {
  return db().transaction(async (tx) => {
    const userId = (await findLinked(tx, profile)) ?? (await link(tx, profile, at));
    return startSession(tx, userId, profile.provider, origin, at);
  });
}

async function findLinked(tx: Tx, { provider, providerAccountId }: OAuthProfile): Promise<string | null> {
  const [found] = await tx
    .select({ userId: oauthAccounts.userId })
    .from(oauthAccounts)
    .where(and(eq(oauthAccounts.provider, provider), eq(oauthAccounts.providerAccountId, providerAccountId)));
  return found?.userId ?? null;
}

async function link(tx: Tx, profile: OAuthProfile, at: Date): Promise<string> {
  const { provider, providerAccountId, verifiedEmail: email } = profile;
  if (email === null)
    throw new AppError("forbidden", { message: "The address of this account is not verified there." });
  const name = profile.name?.trim().slice(0, 80) || nameFromAddress(email);
  const added = await createUser(tx, { email, name, emailVerifiedAt: at }, at);
  const account = added === null ? await findByEmail(tx, email) : null;
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
