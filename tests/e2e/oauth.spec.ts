import { randomInt } from "node:crypto";
import type { GuardedProcess } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startAppProcess } from "#tests/e2e/app-process.ts";
import { expect, newPerson, test } from "#tests/e2e/fixtures.ts";
import { type GitHub, gitHubKeys, startGitHub } from "#tests/e2e/github.ts";

// One app for the file, with keys for GitHub.
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

function somebody(verified = true) {
  return { id: randomInt(1, 2 ** 31), login: "grace", email: newPerson().email, verified };
}

type Page = Parameters<Parameters<typeof test>[2]>[0]["page"];

async function continueWithGitHub(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await page.getByRole("link", { name: "Authorize Parley" }).click();
}

test("whoever signs in with GitHub comes back to the page they wanted, and to the same account the next time", async ({
  page,
}) => {
  const person = somebody();
  await gitHub.receive(page.context(), person);
  for (const path of ["/usage", "/settings"]) {
    await page.goto(`${url}${path}`);
    await continueWithGitHub(page);
    await page.waitForURL(`${url}${path}`);
    await page.goto(`${url}/settings`);
    await expect(page.getByRole("main").getByText(person.email)).toBeVisible();
    await expect(page.getByText("Not confirmed")).toHaveCount(0);
    await page.context().clearCookies();
  }
});

test("an address that GitHub has not verified opens nothing, and the page says so", async ({ page }) => {
  await gitHub.receive(page.context(), somebody(false));
  await page.goto(`${url}/sign-in`);
  await continueWithGitHub(page);
  await page.waitForURL(/\/sign-in\?/);
  await expect(page.getByRole("main").getByText(/this sign-in did not work/i)).toBeVisible();
  await page.goto(`${url}/usage`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("somebody else's return from GitHub signs nobody in", async ({ page, browser }) => {
  await gitHub.receive(page.context(), somebody());
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await expect(page).toHaveURL(/[?&]code_challenge=[\w-]{43}&/);
  const link = await page.getByRole("link", { name: "Authorize Parley" }).getAttribute("href");
  // The victim follows a link that was made in another browser: theirs has neither state nor verifier.
  const victim = await browser.newContext();
  const theirs = await victim.newPage();
  await theirs.goto(link ?? "");
  await expect(theirs).toHaveURL(/\/sign-in\?/);
  await theirs.goto(`${url}/usage`);
  await expect(theirs).toHaveURL(/\/sign-in\?next=/);
  await victim.close();
});
