import { connect } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";
import { messageField } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const messageCount = 500;

test("a conversation of 500 messages opens at its end and renders distant messages only when scrolled to", async ({
  page,
}) => {
  const { email } = await createSignedInUser(page);
  const conversationId = await makeLongConversation(email);
  await page.goto(`/chat/${conversationId}`);
  const messages = page.getByRole("log", { name: "Messages" });
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
  await expect(page.getByRole("button", { name: "Jump to the latest" })).toBeHidden();
  const isRendered = () =>
    messages
      .getByRole("article")
      .first()
      .evaluate((element) =>
        [...element.children].some((child) => child.checkVisibility({ contentVisibilityAuto: true })),
      );
  const articles = messages.getByRole("article");
  // The end is rendered first; earlier messages load afterwards.
  await expect.poll(() => articles.count(), { timeout: 60_000 }).toBe(messageCount);
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
  expect(await isRendered()).toBe(false);

  const field = messageField(page);
  const heightOf = async () => (await field.boundingBox())?.height ?? 0;
  const before = await heightOf();
  await field.fill("one\ntwo\nthree\nfour\nfive");
  expect(await heightOf()).toBeGreaterThan(before);
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();

  await messages.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(messages.getByText("Question 1", { exact: true })).toBeInViewport();
  expect(await isRendered()).toBe(true);
  await page.getByRole("button", { name: "Jump to the latest" }).click();
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
});

for (const where of ["at the top of the loaded messages", "in the middle of the loaded messages"]) {
  test(`a reader ${where} keeps the scroll position while earlier messages load`, async ({ page }) => {
    const { email } = await createSignedInUser(page);
    await page.goto(`/chat/${await makeLongConversation(email)}`);
    const messages = page.getByRole("log", { name: "Messages" });
    const articles = messages.getByRole("article");
    await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
    await messages.evaluate((element, isTop) => {
      element.scrollTop = isTop ? 0 : element.scrollHeight / 2;
    }, where.includes("top"));
    const text = await messages.evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const questions = [...element.querySelectorAll("article[aria-label=You]")];
      return questions.find((question) => question.getBoundingClientRect().top > top)?.textContent ?? "";
    });
    const read = messages.getByText(text, { exact: true });
    const before = (await read.boundingBox())?.y ?? 0;
    expect(await articles.count()).toBeLessThan(messageCount);
    await expect.poll(() => articles.count(), { timeout: 60_000 }).toBe(messageCount);
    await expect(read).toBeInViewport();
    expect(Math.abs(((await read.boundingBox())?.y ?? 0) - before)).toBeLessThan(4);
  });
}

/** Inserts a conversation whose answers contain code, a table and a list. @returns its id */
async function makeLongConversation(email: string): Promise<string> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  try {
    const [owner] = await sql<{ userId: string; workspaceId: string }[]>`
      select u.id as "userId", w.id as "workspaceId" from users u join workspaces w on w.personal_user_id = u.id
      where u.email = ${email}`;
    if (owner === undefined) throw new Error(`${email} has no workspace.`);
    const { userId, workspaceId } = owner;
    const id = newId();
    const ids = Array.from({ length: messageCount }, () => newId());
    const texts = ids.map((_, index) =>
      index % 2 === 0
        ? `Question ${index + 1}`
        : `### Part\n\n\`\`\`ts\nconst a = ${index};\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. one\n2. two\n\nAnswer ${index + 1} ends here.`,
    );
    await sql`
      insert into conversations (id, workspace_id, user_id, title, title_source, model, active_leaf_id, created_at, updated_at)
      values (${id}, ${workspaceId}, ${userId}, 'Long', 'named', 'gpt-5.4-mini', ${ids.at(-1) ?? null}, now(), now())`;
    await sql`
      insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, model, status, created_at)
      select m.id, ${workspaceId}, ${id}, m.parent, case when m.nr % 2 = 1 then 'user' else 'assistant' end,
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', m.text)), m.text, 20,
        case when m.nr % 2 = 1 then null else 'gpt-5.4-mini' end, 'done', now() - (1000 - m.nr) * interval '1 minute'
      from unnest(${ids}::uuid[], ${[null, ...ids.slice(0, -1)]}::uuid[], ${texts}::text[]) with ordinality as m (id, parent, text, nr)`;
    return id;
  } finally {
    await sql.end();
  }
}
