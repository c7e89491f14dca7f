import type { Page } from "@playwright/test";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation, sampleMessages } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const field = (page: Page) => page.getByRole("combobox", { name: "Search chats" });
const options = (page: Page) => page.getByRole("listbox", { name: "Results" }).getByRole("option");
const chosen = (page: Page) =>
  page.getByRole("listbox", { name: "Results" }).getByRole("option", { selected: true });

test("a search from the sidebar finds messages, which arrow keys choose and Enter opens in their place", async ({
  page,
  isMobile,
}) => {
  const { email } = await createSignedInUser(page);
  const long = sampleMessages(120);
  // Far before the messages that are rendered first.
  long[10] = "Where is the foo_bar setting? 今天天气很好";
  const longId = await insertConversation(email, long);
  await insertConversation(email, [
    "A zebra <b>crossing</b>",
    "Zebras cross at example.com/zebra. ".repeat(3),
  ]);
  await page.goto("/chat");
  if (isMobile) {
    await page.getByRole("button", { name: "Open menu" }).click();
    await page.getByRole("dialog", { name: "Menu" }).getByRole("link", { name: "Search chats" }).click();
  } else await page.getByRole("link", { name: "Search chats" }).click();
  await page.waitForURL("**/search");
  await expect(field(page)).toBeFocused();
  await expectAccessible(page);

  // The index follows within a moment.
  await field(page).fill("zebra");
  await expect(page).toHaveURL(/\/search\?q=zebra$/);
  await expect(async () => {
    await page.reload();
    await expect(options(page)).toHaveCount(2, { timeout: 2_000 });
  }).toPass();
  await expect(chosen(page)).toContainText("Zebras cross at example.com/zebra.");
  await expect(chosen(page).locator("mark").first()).toHaveText("Zebra");
  await field(page).press("ArrowDown");
  await expect(chosen(page)).toContainText("A zebra <b>crossing</b>");
  await expect(page.getByRole("status").filter({ hasText: "2 results" })).toHaveCount(1);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Pinned only" }).click();
  await expect(page.getByText("No results for “zebra” with these filters").first()).toBeVisible();
  await expect(page).toHaveURL(/\/search\?q=zebra&pinned=1$/);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(options(page)).toHaveCount(2);
  await page.getByRole("combobox", { name: "Model" }).selectOption({ index: 1 });
  await page.getByRole("combobox", { name: "Date" }).selectOption("custom");
  await page.getByLabel("From").fill("2020-01-01");
  await expect(page).toHaveURL(/model=.*&period=custom&from=2020-01-01/);
  await page.reload();
  await expect(page.getByLabel("From")).toHaveValue("2020-01-01");
  await page.getByRole("combobox", { name: "Model" }).selectOption("");
  await page.getByRole("combobox", { name: "Date" }).selectOption("any");

  for (const query of ["天气", "foo_bar"]) {
    await field(page).fill(query);
    await expect(options(page)).toHaveCount(1);
    await expect(chosen(page).locator("mark")).toHaveText(query);
  }
  await field(page).press("Enter");
  await page.waitForURL(`**/chat/${longId}`);
  const message = page.getByRole("listitem").filter({ hasText: "Where is the foo_bar setting?" });
  await expect(message).toBeInViewport();
  await expect(message).toBeFocused();

  await page.goBack();
  await expect(field(page)).toHaveValue("foo_bar");
  await expect(options(page)).toHaveCount(1);
  await options(page).first().click();
  await expect(message).toBeInViewport();
});

test("a slow response to an older query is dropped, and a failed search can be repeated", async ({
  page,
  allowError,
}) => {
  allowError(/api\/search/);
  const { email } = await createSignedInUser(page);
  await insertConversation(email, ["apple pie", "banana bread"]);
  await page.goto("/search?q=apple");
  await expect(async () => {
    await page.reload();
    await expect(options(page)).toHaveCount(1, { timeout: 2_000 });
  }).toPass();
  const held = Promise.withResolvers<void>();
  await page.route("**/api/search?q=apple*", async (route) => {
    await held.promise;
    await route.continue().catch(() => {});
  });
  const asked = page.waitForRequest("**/api/search?q=apple*");
  await field(page).fill("apple p");
  await asked;
  await field(page).fill("banana");
  await expect(options(page)).toContainText(["banana bread"]);
  held.resolve();
  await page.unroute("**/api/search?q=apple*");
  await expect(options(page)).toContainText(["banana bread"]);

  await page.route("**/api/search?q=bread*", (route) => route.fulfill({ status: 503, body: "{}" }), {
    times: 1,
  });
  await field(page).fill("bread");
  await expect(page.getByRole("alert").getByText("Search didn’t work.")).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(options(page)).toContainText(["banana bread"]);
});
