import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { encode } from "next-auth/jwt";
import { connect, type Db } from "#db/client.ts";
import { nameFromAddress } from "#lib/accounts/email-address.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser, findUserByEmail } from "#lib/accounts/users.ts";

export type TestUser = { email: string; password: string };

/** An app under test: its address and its database. */
export type AppUnderTest = { url: string; databaseUrl: string };

const password = `a long pass phrase ${randomUUID()}`;
/** Hashed once per worker, because the hash is made to be expensive. */
let passwordHash: Promise<string> | undefined;

/** Returns credentials that no account has yet. */
export function newUser(): TestUser {
  return { email: `${randomUUID()}@users.example`, password };
}

/** Signs in with the form and waits for the chat. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chat");
}

/** Creates an account with the form, which also sends the verification email, and waits for the chat. */
export async function signUpWithForm(page: Page): Promise<TestUser> {
  const user = newUser();
  await page.goto("/sign-up");
  await page.getByLabel("Email").fill(user.email);
  await page.getByLabel("Password", { exact: true }).fill(user.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/chat");
  return user;
}

/** Creates an account in the database, signs the browser in by its cookie, and opens the chat. */
export async function signUp(page: Page, app = sharedApp()): Promise<TestUser> {
  const user = await createSignedInUser(page, app);
  await page.goto(`${app.url}/chat`);
  return user;
}

/** Creates an account in the database and signs the browser in by its cookie; opens no page. */
export async function createSignedInUser(page: Page, app = sharedApp()): Promise<TestUser> {
  const user = newUser();
  passwordHash ??= hashPassword(user.password);
  const { sql, db } = connect(app.databaseUrl, { max: 1 });
  try {
    const account = {
      email: user.email,
      name: nameFromAddress(user.email),
      passwordHash: await passwordHash,
      emailVerifiedAt: new Date(),
    };
    const created = await createUser(db, account, new Date());
    if (created === null) throw new Error(`${user.email} exists already.`);
    await addSessionCookie(page, db, created.userId, app);
  } finally {
    await sql.end();
  }
  return user;
}

/**
 * Signs the browser in as an existing user by a session in the database, which needs neither password nor
 * second factor; opens no page.
 */
export async function signInByCookie(page: Page, email: string, app = sharedApp()): Promise<void> {
  const { sql, db } = connect(app.databaseUrl, { max: 1 });
  try {
    const account = await findUserByEmail(db, email);
    if (account === null) throw new Error(`${email} has no account.`);
    await addSessionCookie(page, db, account.userId, app);
  } finally {
    await sql.end();
  }
}

async function addSessionCookie(page: Page, db: Db, userId: string, app: AppUnderTest): Promise<void> {
  const claims = await createSession(db, { userId, userAgent: null }, new Date());
  const name = "authjs.session-token";
  const secret = process.env.AUTH_SECRET ?? "";
  const value = await encode({ token: claims, secret, salt: name });
  await page.context().addCookies([{ name, value, url: app.url, httpOnly: true, sameSite: "Lax" }]);
}

/** Makes the browser's newest proof of identity older than any action allows. */
export async function expireProofs(email: string, app = sharedApp()): Promise<void> {
  const { sql } = connect(app.databaseUrl, { max: 1 });
  await sql`update sessions set proved_at = proved_at - interval '1 hour'
    where user_id = (select id from users where email = ${email})`;
  await sql.end();
}

/** The app that `tests/e2e/start-app.ts` has started for the whole run. */
function sharedApp(): AppUnderTest {
  return { url: process.env.E2E_APP_URL ?? "", databaseUrl: process.env.DATABASE_URL ?? "" };
}
