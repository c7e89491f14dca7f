import type { Page } from "@playwright/test";
import { connect } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser, signInByCookie } from "#tests/e2e/users.ts";

/** Inserts conversations without messages, titled "Chat 1" and so on; the first is the newest. */
async function insertChats(email: string, count: number): Promise<void> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  const ids = Array.from({ length: count }, () => newId());
  await sql`
    insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at)
    select c.id, w.id, u.id, 'Chat ' || nr, 'named', 'gpt-5.4-mini', now(), now() - nr * interval '3 minutes'
    from unnest(${ids}::uuid[]) with ordinality as c (id, nr), users u join workspaces w on w.personal_user_id = u.id
    where u.email = ${email}`;
  await sql.end();
}

const listOf = (page: Page) => page.getByRole("navigation", { name: "Chats" });
const linkTo = (page: Page, title: string) => listOf(page).getByRole("link", { name: title, exact: true });

/** Opens the drawer of phones; on a desktop the sidebar is there. */
async function showList(page: Page, isMobile: boolean): Promise<void> {
  if (!isMobile || (await page.getByRole("dialog", { name: "Menu" }).isVisible())) return;
  await page.getByRole("button", { name: "Open menu" }).click();
  await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
}

async function choose(page: Page, title: string, item: string): Promise<void> {
  await listOf(page)
    .getByRole("button", { name: `Actions for ${title}`, exact: true })
    .click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

test("chats are pinned, moved into projects, archived and deleted from menus, and it survives a reload", async ({
  page,
  isMobile,
}) => {
  const { email } = await createSignedInUser(page);
  await insertChats(email, 6);
  await page.goto("/chat");
  await showList(page, isMobile);
  await choose(page, "Chat 3", "Pin");
  const pinned = listOf(page).getByRole("region", { name: "Pinned" });
  await expect(pinned.getByRole("link", { name: "Chat 3" })).toBeVisible();

  await choose(page, "Chat 2", "Move to project…");
  await page.getByRole("dialog", { name: "Move chat" }).getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Project name").fill("Trip to Lisbon");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create project" }).click();
  const projects = listOf(page).getByRole("region", { name: "Projects" });
  await expect(projects.getByRole("link", { name: "Chat 2" })).toBeVisible();
  await expect(page.getByText("Chat moved")).toBeVisible();

  await choose(page, "Chat 4", "Archive");
  await expect(page.getByText("Chat archived")).toBeVisible();
  await expect(linkTo(page, "Chat 4")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(linkTo(page, "Chat 4")).toBeVisible();
  await choose(page, "Chat 4", "Archive");
  await expect(page.getByText("Chat archived")).toBeVisible();
  await expectAccessible(page);

  await page.reload();
  await showList(page, isMobile);
  await expect(pinned.getByRole("link", { name: "Chat 3" })).toBeVisible();
  await expect(projects.getByRole("button", { name: "Trip to Lisbon", exact: true })).toHaveAttribute(
    "aria-expanded",
    "true",
  );
  await expect(projects.getByRole("link", { name: "Chat 2" })).toBeVisible();
  await page.getByRole("button", { name: "Archived chats" }).click();
  const archive = page.getByRole("navigation", { name: "Archived chats" });
  await expect(archive.getByRole("link", { name: "Chat 4" })).toBeVisible();
  await expectAccessible(page);
  await archive.getByRole("button", { name: "Actions for Chat 4" }).click();
  await page.getByRole("menuitem", { name: "Unarchive" }).click();
  await expect(archive.getByText("Chat 4")).toHaveCount(0);
  await page.getByRole("button", { name: "Back to chats" }).click();
  await expect(linkTo(page, "Chat 4")).toBeVisible();

  await projects.getByRole("button", { name: "Actions for project Trip to Lisbon" }).click();
  await page.getByRole("menuitem", { name: "Delete project" }).click();
  await expect(page.getByRole("alertdialog")).toContainText("Delete the project “Trip to Lisbon”?");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Keep the chats" }).click();
  await expect(projects.getByRole("button", { name: "Trip to Lisbon", exact: true })).toHaveCount(0);
  await expect(
    listOf(page).getByRole("region", { name: "Today" }).getByRole("link", { name: "Chat 2" }),
  ).toBeVisible();
});

test("several chats are selected, deleted together and restored", async ({ page, isMobile }) => {
  const { email } = await createSignedInUser(page);
  await insertChats(email, 8);
  await page.goto("/chat");
  await showList(page, isMobile);
  await choose(page, "Chat 2", "Select");
  const box = (title: string) => listOf(page).getByRole("checkbox", { name: title, exact: true });
  await expect(box("Chat 2")).toBeChecked();
  await box("Chat 5").click({ modifiers: ["Shift"] });
  await box("Chat 4").click();
  const toolbar = page.getByRole("toolbar", { name: "Selected chats" });
  await expect(toolbar).toContainText("3 chats selected");
  await expectAccessible(page);
  await toolbar.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("3 chats deleted.")).toBeVisible();
  for (const gone of ["Chat 2", "Chat 3", "Chat 5"]) await expect(linkTo(page, gone)).toHaveCount(0);
  await expect(linkTo(page, "Chat 4")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  for (const back of ["Chat 2", "Chat 3", "Chat 5"]) await expect(linkTo(page, back)).toBeVisible();
  await page.reload();
  await showList(page, isMobile);
  await expect(listOf(page).getByRole("link")).toHaveCount(8);
});

test("chats are dragged into a project, to the pinned ones and out again, and projects into another order", async ({
  page,
  isMobile,
}) => {
  test.skip(isMobile, "fingers use the menus");
  const { email } = await createSignedInUser(page);
  await insertChats(email, 4);
  await page.goto("/chat");
  for (const name of ["Alpha", "Beta"]) {
    await expect(async () => {
      await listOf(page).getByRole("button", { name: "New project" }).click();
      await expect(page.getByLabel("Project name")).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await page.getByLabel("Project name").fill(name);
    await page.getByRole("button", { name: "Create project" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  const region = (name: string) => listOf(page).getByRole("region", { name });
  const project = (name: string) => region("Projects").getByRole("button", { name, exact: true });
  await choose(page, "Chat 1", "Pin");
  await linkTo(page, "Chat 2").dragTo(project("Alpha"));
  await expect(region("Projects").getByRole("link", { name: "Chat 2" })).toBeVisible();
  await linkTo(page, "Chat 3").dragTo(region("Pinned").getByRole("link", { name: "Chat 1" }));
  await expect(region("Pinned").getByRole("link")).toHaveText(["Chat 1", "Chat 3"]);
  await linkTo(page, "Chat 2").dragTo(linkTo(page, "Chat 4"));
  await expect(region("Today").getByRole("link")).toHaveText(["Chat 2", "Chat 4"]);
  await project("Beta").dragTo(project("Alpha"));
  await expect(region("Projects").locator("[data-project]")).toHaveText(["Beta", "Alpha"]);
  await page.reload();
  await expect(region("Projects").locator("[data-project]")).toHaveText(["Beta", "Alpha"]);
  await expect(region("Pinned").getByRole("link")).toHaveText(["Chat 1", "Chat 3"]);
});

test("10,000 chats scroll to the end with fewer than 80 rows in the document", async ({ page, isMobile }) => {
  const { email } = await createSignedInUser(page);
  await insertChats(email, 10_000);
  await page.goto("/chat");
  await showList(page, isMobile);
  const list = listOf(page).filter({ visible: true });
  const rows = list.getByRole("listitem");
  await expect(linkTo(page, "Chat 1")).toBeVisible();
  // A page of 50 comes with each step towards the end.
  for (let step = 0; step < 12; step++) {
    const before = await list.evaluate((element) => element.scrollHeight);
    await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await expect
      .poll(() => list.evaluate((element) => element.scrollHeight), { timeout: 20_000 })
      .toBeGreaterThan(before);
    expect(await rows.count()).toBeLessThan(80);
  }
  await list.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(linkTo(page, "Chat 1")).toBeVisible();
  expect(await rows.count()).toBeLessThan(80);
});

test("the list is one tab stop in which keys move, open menus and projects, and delete", async ({
  page,
  isMobile,
}) => {
  test.skip(isMobile, "phones have no keys");
  const { email } = await createSignedInUser(page);
  await insertChats(email, 60);
  await page.goto("/chat");
  await expect(linkTo(page, "Chat 1")).toBeVisible();
  const stops = listOf(page).locator("[tabindex='0'], a:not([tabindex]), button:not([tabindex])");
  await expect(stops).toHaveCount(1);
  await page.getByRole("link", { name: "Search chats" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Home");
  await expect(listOf(page).getByRole("button", { name: "New project" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(linkTo(page, "Chat 2")).toBeFocused();
  await page.keyboard.press("End");
  await expect(linkTo(page, "Chat 50")).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(linkTo(page, "Chat 1")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(listOf(page).getByRole("button", { name: "Actions for Chat 1", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Pin", exact: true }).press("Enter");
  await expect(listOf(page).getByRole("region", { name: "Pinned" }).getByRole("link")).toHaveText(["Chat 1"]);
  await linkTo(page, "Chat 2").focus();
  await page.keyboard.press("Delete");
  await expect(linkTo(page, "Chat 2")).toHaveCount(0);
  await expect(linkTo(page, "Chat 3")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(listOf(page).locator(":focus")).toHaveCount(0);
});

test("the header renames, shows the model and has the chat's actions; a new chat is centered", async ({
  page,
  isMobile,
}) => {
  await createSignedInUser(page);
  await page.goto("/chat");
  const field = await messageField(page).boundingBox();
  const screen = page.viewportSize();
  const middle = ((field?.y ?? 0) + (field?.height ?? 0) / 2) / (screen?.height ?? 1);
  expect(middle).toBeGreaterThan(0.3);
  expect(middle).toBeLessThan(0.7);
  await send(page, "say exactly: hello header");
  await expectReceipt(page);
  const title = page.getByRole("heading", { level: 1 }).getByRole("button");
  await title.click();
  const rename = page.getByRole("main").getByLabel("Chat title");
  await rename.fill("Never");
  await rename.press("Escape");
  await expect(title).toBeFocused();
  await expect(title).not.toHaveText("Never");
  await page.getByRole("button", { name: "Chat actions" }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await rename.fill("Ships and hours");
  await rename.press("Enter");
  await expect(title).toHaveText("Ships and hours");
  await expect(page).toHaveTitle(/^Ships and hours/);
  if (!isMobile) await expect(page.getByText("GPT-5.4 mini").first()).toBeVisible();
  await page.getByRole("button", { name: "Chat actions" }).click();
  await page.getByRole("menuitem", { name: "Archive", exact: true }).click();
  await expect(page.getByRole("main").getByText("Archived")).toBeVisible();
  await page.reload();
  await expect(title).toHaveText("Ships and hours");
  await page.getByRole("button", { name: "Chat actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page).toHaveURL((url) => url.pathname === "/chat");
});

test("the sidebar collapses by button and keys, stays collapsed after a reload, and nothing moves", async ({
  page,
  isMobile,
}) => {
  test.skip(isMobile, "phones have a drawer");
  await createSignedInUser(page);
  await page.goto("/chat");
  const collapse = page.getByRole("button", { name: "Collapse sidebar" });
  await expect(async () => {
    await collapse.click();
    await expect(collapse).toHaveCount(0, { timeout: 1_000 });
  }).toPass();
  await page.addInitScript(() => {
    let shift = 0;
    new PerformanceObserver((entries) => {
      // The DOM library does not declare LayoutShift yet.
      for (const entry of entries.getEntries()) shift += (entry as unknown as { value: number }).value;
      document.documentElement.dataset.shift = String(shift);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.reload();
  await expect(page.getByRole("button", { name: "Expand sidebar" })).toBeVisible();
  await expect(listOf(page)).toHaveCount(0);
  await page.waitForLoadState("networkidle");
  expect(Number((await page.locator("html").getAttribute("data-shift")) ?? "0")).toBeLessThan(0.02);
  await expectAccessible(page);
  await page.keyboard.press("Control+b");
  await expect(collapse).toBeVisible();
});

test("a second device sees running, unread, renamed, pinned and deleted chats at once", async ({
  page,
  browser,
  isMobile,
}) => {
  const { email } = await createSignedInUser(page);
  await insertChats(email, 2);
  await page.goto("/chat");
  const device = await browser.newContext({
    baseURL: process.env.E2E_APP_URL ?? "",
    viewport: { width: 1280, height: 800 },
    isMobile: false,
    hasTouch: false,
  });
  const other = await device.newPage();
  await signInByCookie(other, email);
  await other.goto("/chat");
  await expect(linkTo(other, "Chat 1")).toBeVisible();

  await send(page, "long 400 tokens");
  const row = listOf(other).getByRole("link", { name: /Answering/ });
  await expect(row).toBeVisible();
  await expect(listOf(other).getByRole("link", { name: /New answer/ })).toHaveCount(0);
  await page.goto("/usage");
  await expect(listOf(other).getByRole("link", { name: /New answer/ })).toBeVisible({ timeout: 30_000 });
  await showList(page, isMobile);
  await expect(listOf(page).getByRole("link", { name: /New answer/ })).toBeVisible();

  await listOf(page)
    .getByRole("link", { name: /New answer/ })
    .click();
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(listOf(other).getByRole("link", { name: /New answer/ })).toHaveCount(0);

  await showList(page, isMobile);
  await choose(page, "Chat 1", "Pin");
  await expect(listOf(other).getByRole("region", { name: "Pinned" }).getByRole("link")).toHaveText([
    "Chat 1",
  ]);
  await choose(page, "Chat 2", "Delete");
  await expect(linkTo(other, "Chat 2")).toHaveCount(0);
  await device.close();
});
