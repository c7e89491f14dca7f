import { and, eq, gt, ne, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, users, workspaces } from "#db/schema/accounts.ts";
import { freeCreditRegister } from "#db/schema/sign-in.ts";
import { balances } from "#db/schema/usage.ts";
import { mailboxHash } from "#lib/accounts/email-address.ts";
import { newId } from "#lib/core/ids.ts";
import type { Locale } from "#lib/core/locale.ts";

/** A user with the fields that sign-in needs. */
export type Account = {
  userId: string;
  email: string;
  name: string;
  passwordHash: string | null;
  emailVerifiedAt: Date | null;
};

type NewUser = {
  email: string;
  name: string;
  passwordHash?: string | null;
  emailVerifiedAt?: Date | null;
  /** The browser's language; English by default. */
  browserLocale?: Locale;
};

/**
 * Creates a user with a personal workspace, a membership and an empty balance, in one transaction (or a
 * savepoint of the caller's).
 * @param user with the email address in lower case
 * @returns null if the address is taken, including by a concurrent sign-up
 */
export async function createUser(
  tx: Tx,
  user: NewUser,
  at: Date,
): Promise<{ userId: string; workspaceId: string } | null> {
  return tx.transaction(async (inner) => {
    const userId = newId();
    const workspaceId = newId();
    const { email, name, passwordHash = null, emailVerifiedAt = null, browserLocale = "en" } = user;
    const added = await inner
      .insert(users)
      .values({ id: userId, email, name, passwordHash, emailVerifiedAt, browserLocale, createdAt: at })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id });
    if (added.length === 0) return null;
    const freeCreditFrom = await readFreeCreditStart(inner, email, at);
    await inner.insert(workspaces).values({
      id: workspaceId,
      name: `${name}'s workspace`,
      personalUserId: userId,
      createdAt: at,
      freeCreditFrom,
    });
    await inner.insert(members).values({ workspaceId, userId, role: "owner", createdAt: at });
    await inner.insert(balances).values({ workspaceId });
    return { userId, workspaceId };
  });
}

/** When a deleted account of the same mailbox had this month's free credit: the month's end. */
async function readFreeCreditStart(tx: Tx, email: string, at: Date): Promise<Date | null> {
  const [known] = await tx
    .select({ usedUntil: freeCreditRegister.usedUntil })
    .from(freeCreditRegister)
    .where(and(eq(freeCreditRegister.mailboxHash, mailboxHash(email)), gt(freeCreditRegister.usedUntil, at)));
  return known?.usedUntil ?? null;
}

const accountColumns = {
  userId: users.id,
  email: users.email,
  name: users.name,
  passwordHash: users.passwordHash,
  emailVerifiedAt: users.emailVerifiedAt,
};

/** Finds a user by email address (in lower case). */
export async function findUserByEmail(tx: Tx, email: string): Promise<Account | null> {
  const [found] = await tx.select(accountColumns).from(users).where(eq(users.email, email));
  return found ?? null;
}

/** Finds a user by id. */
export async function findUserById(tx: Tx, userId: string): Promise<Account | null> {
  const [found] = await tx.select(accountColumns).from(users).where(eq(users.id, userId));
  return found ?? null;
}

/** Marks the email address as verified, if it is not yet. */
export async function markEmailVerified(tx: Tx, userId: string, at: Date): Promise<void> {
  await tx
    .update(users)
    .set({ emailVerifiedAt: sql`coalesce(${users.emailVerifiedAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(users.id, userId));
}

/** Replaces or removes the password. */
export async function setPasswordHash(tx: Tx, userId: string, passwordHash: string | null): Promise<void> {
  await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
}

/** Changes the display name. */
export async function renameUser(tx: Tx, userId: string, name: string): Promise<void> {
  await tx.update(users).set({ name }).where(eq(users.id, userId));
}

/**
 * Chooses the language of a user's screens and emails.
 * @param locale null follows the browser
 */
export async function setLocale(tx: Tx, userId: string, locale: Locale | null): Promise<void> {
  await tx.update(users).set({ locale }).where(eq(users.id, userId));
}

/** Records the browser's language at a sign-in. */
export async function recordBrowserLocale(tx: Tx, userId: string, browserLocale: Locale): Promise<void> {
  await tx
    .update(users)
    .set({ browserLocale })
    .where(and(eq(users.id, userId), ne(users.browserLocale, browserLocale)));
}

/**
 * Returns the language for emails to an address: the account's chosen language, else that of its last
 * sign-in.
 * @returns null without an account
 */
export async function findEmailLocale(tx: Tx, email: string): Promise<Locale | null> {
  const [found] = await tx
    .select({ locale: users.locale, browserLocale: users.browserLocale })
    .from(users)
    .where(eq(users.email, email));
  return found === undefined ? null : (found.locale ?? found.browserLocale);
}

/** Whether the user has a password. */
export async function hasPassword(tx: Tx, userId: string): Promise<boolean> {
  return (await findUserById(tx, userId))?.passwordHash != null;
}
