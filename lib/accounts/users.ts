import { eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, users, workspaces } from "#db/schema/accounts.ts";
import { balances } from "#db/schema/usage.ts";
import { newId } from "#lib/core/ids.ts";

/** A person, as the ways of signing in need them. */
export type Account = {
  userId: string;
  email: string;
  name: string;
  passwordHash: string | null;
  emailVerifiedAt: Date | null;
};

type NewUser = { email: string; name: string; passwordHash?: string | null; emailVerifiedAt?: Date | null };

/**
 * A new person with their own workspace, membership and empty balance, in one transaction (or as part of the caller's).
 * @param user the address in lower case
 * @returns null when the address is taken, also by somebody who signed up in the same instant
 */
export async function createUser(
  tx: Tx,
  user: NewUser,
  at: Date,
): Promise<{ userId: string; workspaceId: string } | null> {
  return tx.transaction(async (inner) => {
    const userId = newId();
    const workspaceId = newId();
    const { email, name, passwordHash = null, emailVerifiedAt = null } = user;
    const added = await inner
      .insert(users)
      .values({ id: userId, email, name, passwordHash, emailVerifiedAt, createdAt: at })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id });
    if (added.length === 0) return null;
    await inner
      .insert(workspaces)
      .values({ id: workspaceId, name: `${name}'s workspace`, personalUserId: userId, createdAt: at });
    await inner.insert(members).values({ workspaceId, userId, role: "owner", createdAt: at });
    await inner.insert(balances).values({ workspaceId });
    return { userId, workspaceId };
  });
}

const accountColumns = {
  userId: users.id,
  email: users.email,
  name: users.name,
  passwordHash: users.passwordHash,
  emailVerifiedAt: users.emailVerifiedAt,
};

/** The person with this address (in lower case). */
export async function findByEmail(tx: Tx, email: string): Promise<Account | null> {
  const [found] = await tx.select(accountColumns).from(users).where(eq(users.email, email));
  return found ?? null;
}

/** The person with this id. */
export async function findByUserId(tx: Tx, userId: string): Promise<Account | null> {
  const [found] = await tx.select(accountColumns).from(users).where(eq(users.id, userId));
  return found ?? null;
}

/** Notes that the person reads the mail of their address; the first time counts. */
export async function markEmailVerified(tx: Tx, userId: string, at: Date): Promise<void> {
  await tx
    .update(users)
    .set({ emailVerifiedAt: sql`coalesce(${users.emailVerifiedAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(users.id, userId));
}

/** Stores another password, or none. */
export async function setPasswordHash(tx: Tx, userId: string, passwordHash: string | null): Promise<void> {
  await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
}

/** What people are called on their own screens. */
export async function renameUser(tx: Tx, userId: string, name: string): Promise<void> {
  await tx.update(users).set({ name }).where(eq(users.id, userId));
}

/** Whether somebody signs in with a password, among other ways. */
export async function hasPassword(tx: Tx, userId: string): Promise<boolean> {
  return (await findByUserId(tx, userId))?.passwordHash != null;
}
