import { Secret, TOTP } from "otpauth";
import { connect } from "#db/client.ts";
import { operatorCode } from "#sandbox/seed/operator-code.ts";
import { seedPassword } from "#sandbox/seed/seed-users.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser, expireProofs, type TestUser } from "#tests/e2e/users.ts";

type Page = Parameters<typeof expectAccessible>[0];

/** Fills in the sign-in form, without waiting for what follows. */
async function enterPassword(page: Page, { email, password }: TestUser): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code", { exact: true }).fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Sets up an authenticator app on the security page. @returns its code generator and the recovery codes */
async function setUpAuthenticator(page: Page) {
  await page.goto("/settings/security");
  await page.getByRole("button", { name: "Set up authenticator app" }).click();
  await expect(page.getByRole("img", { name: "QR code for your authenticator app" })).toBeVisible();
  await expectAccessible(page);
  const key = (await page.getByTestId("totp-key").textContent()) ?? "";
  const secret = Secret.fromBase32(key.replaceAll(" ", ""));
  const setUpAtMs = Date.now();
  const codeAt = (steps: number) => TOTP.generate({ secret, timestamp: setUpAtMs + steps * 30_000 });
  await page.getByLabel("Code", { exact: true }).fill(codeAt(0));
  await page.getByRole("button", { name: "Turn on" }).click();
  const list = page.getByTestId("recovery-codes");
  await expect(list.getByRole("listitem")).toHaveCount(10);
  return { codeAt, recoveryCodes: await list.getByRole("listitem").allTextContents() };
}

async function makeOperator(email: string): Promise<void> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  await sql`update users set role = 'operator' where email = ${email}`;
  await sql.end();
}

/** Gives the page's browser an authenticator that verifies its user, like a laptop with a sensor. */
async function addVirtualAuthenticator(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test("S6: an authenticator app is set up, asked for at the next sign-in, and replaced by a recovery code", async ({
  page,
}) => {
  const user = await createSignedInUser(page);
  const { codeAt, recoveryCodes } = await setUpAuthenticator(page);
  await page.context().clearCookies();

  await enterPassword(page, user);
  await page.waitForURL(/\/sign-in\/second-factor\?next=/);
  await expectAccessible(page);
  // The first factor alone opens nothing.
  const refused = await page.request.post("/api/openai/chat", {
    data: {},
    headers: { origin: new URL(page.url()).origin },
  });
  expect(refused.status()).toBeGreaterThanOrEqual(400);
  await page.goto("/usage");
  await page.waitForURL(/\/sign-in\/second-factor\?next=%2Fusage/);
  await enterCode(page, codeAt(0));
  await expect(page.getByText("This code isn’t right.")).toBeVisible();
  await enterCode(page, codeAt(1));
  await page.waitForURL("**/usage");

  await page.context().clearCookies();
  await enterPassword(page, user);
  await enterCode(page, recoveryCodes[0] ?? "");
  await page.waitForURL("**/chat");
  await page.goto("/settings/security");
  await expect(page.getByText("9 codes left.")).toBeVisible();
});

test("S6: a passkey is added, named, signs in alone, proves identity, and is removed", async ({ page }) => {
  await addVirtualAuthenticator(page);
  const user = await createSignedInUser(page);
  await page.goto("/settings/security");
  await page.getByLabel("Name of the new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByTestId("recovery-codes").getByRole("listitem")).toHaveCount(10);
  await page.getByRole("button", { name: "Rename Laptop" }).click();
  await page.getByLabel("New name for Laptop").fill("Work laptop");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Work laptop")).toBeVisible();
  await expectAccessible(page);

  await page.context().clearCookies();
  await page.goto("/sign-in?next=/settings/security");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL("**/settings/security");

  await page.context().clearCookies();
  await enterPassword(page, user);
  await page.waitForURL(/\/sign-in\/second-factor/);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL("**/chat");

  await page.goto("/settings/security");
  await expireProofs(user.email);
  await page.getByRole("button", { name: "Remove Work laptop" }).click();
  await page
    .getByRole("dialog", { name: "Confirm it’s you" })
    .getByRole("button", { name: "Use a passkey" })
    .click();
  await expect(page.getByText("Two-factor authentication is off.")).toBeVisible();
});

test("S6: an operator without a second factor is sent to set one up, and then sees the console", async ({
  page,
}) => {
  const user = await createSignedInUser(page);
  await makeOperator(user.email);
  await page.goto("/operator");
  await page.waitForURL(/\/settings\/security\?notice=operator/);
  await expect(page.getByText("Operators need two-factor authentication.")).toBeVisible();
  await setUpAuthenticator(page);
  await page.goto("/operator");
  await expect(page.getByText("MRR").first()).toBeVisible();
});

test("S6: the demo operator signs in with the code that `npm run operator-code` prints", async ({ page }) => {
  await enterPassword(page, { email: "operator@parley.example", password: seedPassword });
  await page.waitForURL(/\/sign-in\/second-factor/);
  await enterCode(page, operatorCode(new Date()));
  await page.waitForURL("**/chat");
});

test("S15: a new key asks for a proof again after ten minutes, and the form continues after it", async ({
  page,
}) => {
  const user = await createSignedInUser(page);
  await expireProofs(user.email);
  await page.goto("/keys");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByLabel("Name").fill("Nightly report");
  await page
    .getByRole("dialog", { name: "Create an API key" })
    .getByRole("button", { name: "Create key" })
    .click();
  const dialog = page.getByRole("dialog", { name: "Confirm it’s you" });
  await expectAccessible(page);
  await dialog.getByLabel("Password").fill("not the password");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog.getByText("This isn’t your password.")).toBeVisible();
  await dialog.getByLabel("Password").fill(user.password);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByTestId("new-secret")).toHaveText(/^parley_sk_/);
});

test("S15: closing the proof leaves devices, account and second factors as they are", async ({ page }) => {
  const user = await createSignedInUser(page);
  await expireProofs(user.email);
  const dialog = page.getByRole("dialog", { name: "Confirm it’s you" });
  const refused = page.getByText("Confirm that it’s you to continue.");
  await page.goto("/settings");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(refused).toBeVisible();
  await page.getByRole("button", { name: "Delete account" }).click();
  await page.getByLabel(/to confirm$/).fill(user.email);
  await page.getByRole("dialog").getByRole("button", { name: "Delete account" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.goto("/settings/security");
  await page.getByRole("button", { name: "Set up authenticator app" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(refused).toBeVisible();
});
