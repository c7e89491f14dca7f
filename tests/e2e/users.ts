import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { encode } from "next-auth/jwt";
import { connect } from "#db/client.ts";
import { nameFromAddress } from "#lib/accounts/email-address.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";

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
    };
    const created = await createUser(db, account, new Date());
    if (created === null) throw new Error(`${user.email} exists already.`);
    const session = { userId: created.userId, userAgent: null };
    const { userId, sessionId } = await createSession(db, session, new Date());
    const name = "authjs.session-token";
    const secret = process.env.AUTH_SECRET ?? "";
    const value = await encode({ token: { userId, sessionId }, secret, salt: name });
    await page.context().addCookies([{ name, value, url: app.url, httpOnly: true, sameSite: "Lax" }]);
  } finally {
    await sql.end();
  }
  return user;
}

/** The app that `tests/e2e/start-app.ts` has started for the whole run. */
function sharedApp(): AppUnderTest {
  return { url: process.env.E2E_APP_URL ?? "", databaseUrl: process.env.DATABASE_URL ?? "" };
}
