import { randomInt } from "node:crypto";
import type { GuardedProcess } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startAppProcess } from "#tests/e2e/app-process.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { type GitHub, gitHubKeys, startGitHub } from "#tests/e2e/github.ts";
import { newUser } from "#tests/e2e/users.ts";

// The tests share one app process that is configured with GitHub credentials.
test.describe.configure({ mode: "default" });

let gitHub: GitHub;
let app: GuardedProcess;
let url: string;

test.beforeAll(async () => {
  gitHub = await startGitHub();
  const port = await findFreePort(4_800);
  url = `http://localhost:${port}`;
  app = await startAppProcess(port, { ...process.env, ...gitHubKeys, ...gitHub.environment });
});
test.afterAll(async () => {
  await app?.stop();
  await gitHub?.stop();
});

function gitHubUser(verified = true) {
  return { id: randomInt(1, 2 ** 31), login: "grace", email: newUser().email, verified };
}

type Page = Parameters<Parameters<typeof test>[2]>[0]["page"];

async function continueWithGitHub(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await page.getByRole("link", { name: "Authorize Parley" }).click();
}

test("signing in with GitHub returns to the requested page and finds the same account the next time", async ({
  page,
}) => {
  const user = gitHubUser();
  await gitHub.serveConsentPage(page.context(), user);
  for (const path of ["/usage", "/settings"]) {
    await page.goto(`${url}${path}`);
    await continueWithGitHub(page);
    await page.waitForURL(`${url}${path}`);
    await page.goto(`${url}/settings`);
    await expect(page.getByRole("main").getByText(user.email)).toBeVisible();
    await expect(page.getByText("Not confirmed")).toHaveCount(0);
    await page.context().clearCookies();
  }
});

test("an email address that GitHub has not verified is refused with a message", async ({ page }) => {
  await gitHub.serveConsentPage(page.context(), gitHubUser(false));
  await page.goto(`${url}/sign-in`);
  await continueWithGitHub(page);
  await page.waitForURL(/\/sign-in\?/);
  await expect(page.getByRole("main").getByText(/couldn’t sign you in/i)).toBeVisible();
  await page.goto(`${url}/usage`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("an OAuth callback that another browser started does not sign in", async ({ page, browser }) => {
  await gitHub.serveConsentPage(page.context(), gitHubUser());
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await expect(page).toHaveURL(/[?&]code_challenge=[\w-]{43}&/);
  const link = await page.getByRole("link", { name: "Authorize Parley" }).getAttribute("href");
  // The victim opens a callback URL that was created in another browser; this browser has neither state nor
  // verifier.
  const otherBrowser = await browser.newContext();
  const otherPage = await otherBrowser.newPage();
  await otherPage.goto(link ?? "");
  await expect(otherPage).toHaveURL(/\/sign-in\?/);
  await otherPage.goto(`${url}/usage`);
  await expect(otherPage).toHaveURL(/\/sign-in\?next=/);
  await otherBrowser.close();
});
