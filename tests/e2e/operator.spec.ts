import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expectAccessible, expectContrast } from "#tests/e2e/accessibility.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser, signInByCookie } from "#tests/e2e/users.ts";

const operator = "operator@parley.example";
const folder = "app/(operator)";

const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
/**
 * Every path of the console, read from the file system; dynamic segments are filled with plausible values.
 */
const paths = files
  .filter((file) => /(^|\/)(page|route)\.tsx?$/.test(file))
  .map((file) => toPath(file.replace(/\/(page|route)\.tsx?$/, "")));

function toPath(folderPath: string): string {
  return `/${folderPath}`
    .replace("[workspaceId]", "01a20895-9635-7367-8b8a-8556ca86d4b1")
    .replace("[invoiceId]", "in_1")
    .replace("[id]", "evt_1");
}

/** Returns the ids of the console's server actions from the build, each with a page that uses it. */
function readActionIds(): { id: string; at: string }[] {
  const manifest = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { workers: Record<string, unknown> }>;
  };
  const sources = files.filter((file) => /(^|\/)actions\.ts$/.test(file));
  const count = sources
    .map((file) => readFileSync(`${folder}/${file}`, "utf8"))
    .flatMap((source) => [...source.matchAll(/^export const \w+Action/gm)]).length;
  const found = Object.entries(manifest.node)
    .map(([id, { workers }]) => ({ id, pages: Object.keys(workers) }))
    .filter(({ pages }) => pages.every((page) => page.includes("(operator)")))
    .map(({ id, pages }) => ({
      id,
      at: toPath((pages[0] ?? "").replace(/^app\/\(operator\)\//, "").replace(/\/page$/, "")),
    }));
  expect(found.length, "console actions in the build").toBe(count);
  return found;
}

/**
 * Waits for the page, then fails if it scrolls horizontally (WCAG 1.4.10) or is not accessible. In the dark
 * theme only the contrast can differ.
 */
async function expectUsable(page: Page, isDark: boolean): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
  const { wide, screen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(wide, `width of ${page.url()}`).toBeLessThanOrEqual(screen);
  await (isDark ? expectContrast(page) : expectAccessible(page));
}

for (const [name, viewport, colorScheme] of [
  ["on a desktop in the light theme", { width: 1280, height: 800 }, "light"],
  ["on a phone in the dark theme", { width: 390, height: 844 }, "dark"],
] as const) {
  test.describe(name, () => {
    test.use({ viewport, colorScheme });
    const isDark = colorScheme === "dark";

    test(`an operator opens every kind of console page ${name}`, async ({ page }) => {
      test.setTimeout(180_000);
      await signInByCookie(page, operator);
      if (viewport.width > 700) {
        await page.goto("/chat");
        // The menu closes when the page has finished loading.
        await page.waitForLoadState("networkidle");
        await page.getByRole("button", { name: /Oscar Operator/ }).click();
        await page.getByRole("menuitem", { name: "Operator" }).click();
        await page.waitForURL("**/operator");
      } else await page.goto("/operator");
      await expect(page.getByText("MRR").first()).toBeVisible();
      await expect(page.getByRole("heading", { name: "Webhooks and jobs" })).toBeVisible();
      await page.getByText("Show as table").click();
      await expectUsable(page, isDark);

      const nav = page.getByRole("navigation", { name: "Operator" });
      await nav.getByRole("link", { name: "Customers" }).click();
      await page.waitForURL("**/operator/customers");
      await page.getByLabel("Name, email, or customer ID").fill("ada@parley");
      await page.keyboard.press("Enter");
      await page.waitForURL(/text=ada/);
      await expectUsable(page, isDark);
      await page.getByRole("link", { name: "Ada Lovelace" }).click();
      await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
      await expect(page.getByRole("heading", { name: "Ada Lovelace" })).toBeVisible();
      await expectUsable(page, isDark);
      await page
        .getByRole("link", { name: /^Explain/ })
        .first()
        .click();
      await page.waitForURL(/\/invoices\/in_/);
      await expect(page.getByText("Balanced").first()).toBeVisible();
      await expectUsable(page, isDark);

      await nav.getByRole("link", { name: "Webhooks" }).click();
      await page.waitForURL("**/operator/events");
      await page.getByLabel("Type").fill("invoice.paid");
      await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForURL(/type=invoice\.paid/);
      await expectUsable(page, isDark);
      await page.getByRole("link", { name: "invoice.paid" }).first().click();
      await page.waitForURL(/events\/evt_/);
      await page.getByText("Payload", { exact: true }).click();
      await expect(page.getByText('"object": "event"')).toBeVisible();
      await expectUsable(page, isDark);

      await nav.getByRole("link", { name: "Models" }).click();
      await page.waitForURL("**/operator/models");
      await page.getByRole("button", { name: "Check now" }).click();
      await expect(page.getByText("All upstreams checked.")).toBeVisible();
      const upstreams = page.getByRole("region", { name: "Upstreams" }).getByRole("table");
      await expect(upstreams.getByRole("row", { name: /^default/ })).toContainText("Available");
      await expectUsable(page, isDark);

      await nav.getByRole("link", { name: "Moderation" }).click();
      await page.waitForURL("**/operator/moderation");
      await expect(page.getByLabel("Enterprise")).toHaveValue("off");
      await expectUsable(page, isDark);

      await nav.getByRole("link", { name: "Drift" }).click();
      await page.waitForURL("**/operator/drift");
      await page.getByRole("link", { name: "Closed" }).click();
      await page.waitForURL(/state=closed/);
      await expectUsable(page, isDark);
    });
  });
}

test("an operator grants credit after a confirmation and sees it in the ledger and in the audit log", async ({
  page,
}) => {
  await signInByCookie(page, operator);
  await page.goto("/operator/customers?text=free%40parley");
  await page.getByRole("link", { name: "Finn Free" }).click();
  const form = page.getByRole("region", { name: "Grant credit" });
  await form.getByLabel("Amount (USD)").fill("2.50");
  await form.getByLabel("Expires").fill("2099-12-31");
  await form.getByLabel("Reason").fill("An outage on our side");
  await form.getByRole("button", { name: "Grant credit" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Grant $2.50 to Finn Free?" });
  await expect(dialog).toContainText("Dec 31, 2099");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Grant credit" }).click();
  await expect(page.getByText("$2.50 granted.")).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Credit", exact: true }).first()).toContainText(
    "Gift credit",
  );
  await expect(page.getByRole("region", { name: "Audit log" }).first()).toContainText(
    "An outage on our side",
  );
  await form.getByLabel("Amount (USD)").fill("lots");
  await form.getByLabel("Expires").fill("2099-12-31");
  await form.getByLabel("Reason").fill("A slip");
  await form.getByRole("button", { name: "Grant credit" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Grant credit" }).click();
  await expect(page.getByText("Enter an amount, like 5 or 2.50.")).toBeVisible();
});

test("an operator signs a user out everywhere after a confirmation", async ({ page, browser }) => {
  const context = await browser.newContext({ baseURL: process.env.E2E_APP_URL ?? "" });
  const theirs = await context.newPage();
  const { email } = await createSignedInUser(theirs);
  const readMissingChat = async () =>
    (await theirs.request.get(`/api/conversations/${randomUUID()}/export?format=json`)).status();
  expect(await readMissingChat(), "a signed-in user has no such chat").toBe(404);
  await signInByCookie(page, operator);
  await page.goto(`/operator/customers?text=${encodeURIComponent(email)}`);
  await page
    .getByRole("main")
    .getByRole("link")
    .filter({ hasText: email.slice(0, 8) })
    .first()
    .click();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  const dialog = page.getByRole("alertdialog", { name: /^Sign .* out everywhere\?$/ });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByText("One session ended.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Audit log" }).first()).toContainText("sessions.ended");
  expect(await readMissingChat()).toBe(401);
  await context.close();
});

test("an operator syncs, checks and replays, and sees the result of each action", async ({ page }) => {
  await signInByCookie(page, operator);
  await page.goto("/operator/customers?text=ada%40parley");
  await page.getByRole("link", { name: "Ada Lovelace" }).click();
  await page.getByRole("button", { name: "Sync now" }).click();
  await expect(page.getByText("Synced with Stripe.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Audit log" }).first()).toContainText("customer.synced");
  await page.goto("/operator/events?type=invoice.paid");
  await page.getByRole("link", { name: "invoice.paid" }).first().click();
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText(/Queued for processing|Already queued/)).toBeVisible();
  await page.goto("/operator/drift");
  await page.getByRole("button", { name: "Check all now" }).click();
  await expect(page.getByText("Check started.")).toBeVisible();
});

test("a signed-out visitor gets 404 for every console page and action", async ({ request }) => {
  expect(paths.length).toBeGreaterThan(6);
  for (const path of paths) {
    const response = await request.get(path, { maxRedirects: 0 });
    expect(response.status(), path).toBe(404);
    expect(await response.text(), path).not.toContain("Webhooks and jobs");
  }
  for (const { id, at } of readActionIds()) {
    const response = await request.post(at, { headers: { "next-action": id }, data: "[]" });
    expect(response.status(), `${id} at ${at}`).toBe(404);
  }
});

test.describe("signed in without the operator role", () => {
  signInAsAda();

  test("a signed-in user without the operator role gets 404 for every console page and action", async ({
    page,
  }) => {
    for (const path of paths) {
      const response = await page.request.get(path, { maxRedirects: 0 });
      expect(response.status(), path).toBe(404);
      const rscResponse = await page.request.get(path, { headers: { rsc: "1" }, maxRedirects: 0 });
      expect(await rscResponse.text(), path).not.toMatch(/MRR|Audit trail|Check all now|evt_\w{10}/);
    }
    for (const { id, at } of readActionIds()) {
      const response = await page.request.post(at, { headers: { "next-action": id }, data: "[]" });
      expect(response.status(), `${id} at ${at}`).toBe(404);
    }
    await page.goto("/chat");
    await page.getByRole("button", { name: /Ada Lovelace/ }).click();
    await expect(page.getByRole("menuitem", { name: "Settings" })).toBeVisible();
    await expect(page.getByRole("menuitem", { name: "Operator" })).toHaveCount(0);
  });
});
