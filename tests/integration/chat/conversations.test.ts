import { afterAll, beforeAll, expect, test } from "vitest";
import { changeConversations } from "#lib/chat/conversations/change-conversations.ts";
import {
  chooseLeaf,
  listConversations,
  type PageMark,
  renameConversation,
} from "#lib/chat/conversations/conversations.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let user: TestUser;
let otherUser: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  user = await addUser(env);
  otherUser = await addUser(env);
});
afterAll(() => env.close());

/** One base time, so that some conversations have equal times. */
const present = Date.now();

/** Writes a conversation with one message, updated so many minutes ago. */
async function write(
  owner: TestUser,
  title: string,
  text: string,
  minutesAgo: number,
): Promise<{ id: string; leafId: string }> {
  const [id, leafId] = [newId(), newId()];
  const at = new Date(present - minutesAgo * 60_000).toISOString();
  const { workspaceId, userId } = owner;
  await env.sql`
    insert into conversations (id, workspace_id, user_id, title, model, active_leaf_id, created_at, updated_at)
    values (${id}, ${workspaceId}, ${userId}, ${title}, 'gpt-4.1-mini', ${leafId}, ${at}, ${at})`;
  await env.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${leafId}, ${workspaceId}, ${id}, 'user', '[]', ${text}, ${at})`;
  return { id, leafId };
}

const list = (owner: TestUser, options = {}) =>
  listConversations(env.db, owner.workspaceId, owner.userId, options);
const remove = (owner: TestUser, id: string, deleted = true) =>
  changeConversations(env.db, owner.workspaceId, owner.userId, [id], { type: "delete", deleted }, now());
const titles = async (options = {}) => (await list(user, options)).map((line) => line.title);

test("pages list every conversation once, newest first, also with equal times", async () => {
  const owner = await addUser(env);
  const minutes = [1, 2, 2, 2, 3, 4, 4];
  for (const [index, ago] of minutes.entries()) await write(owner, `number ${index}`, "x", ago);
  const seen: string[] = [];
  let before: PageMark | undefined;
  for (;;) {
    const page = await list(owner, { before, limit: 2 });
    seen.push(...page.map((line) => line.id));
    before = page.at(-1);
    if (page.length < 2) break;
  }
  expect(new Set(seen).size).toBe(minutes.length);
  expect(seen).toHaveLength(minutes.length);
  const whole = await list(owner);
  expect(seen).toEqual(whole.map((line) => line.id));
  expect(whole[0]?.title).toBe("number 0");
});

test("a deleted conversation is hidden until it is restored", async () => {
  const { id } = await write(user, "To delete", "x", 7);
  const { workspaceId, userId } = user;
  await remove(user, id);
  expect(await titles()).not.toContain("To delete");
  const notFound = { code: "not_found" };
  await expect(readConversation(env.db, workspaceId, userId, id)).rejects.toMatchObject(notFound);
  await expect(renameConversation(env.db, workspaceId, userId, id, "x")).rejects.toMatchObject(notFound);
  await remove(user, id);
  await remove(user, id, false);
  await remove(user, id, false);
  expect(await titles()).toContain("To delete");
});

test("a user cannot change another user's conversation or select a leaf of another conversation", async () => {
  const { id } = await write(user, "Mine", "x", 8);
  const other = await write(user, "Other", "x", 9);
  const { workspaceId, userId } = otherUser;
  const refused = { code: "not_found" };
  await expect(renameConversation(env.db, workspaceId, userId, id, "x")).rejects.toMatchObject(refused);
  await expect(remove(otherUser, id)).rejects.toMatchObject(refused);
  await expect(readConversation(env.db, workspaceId, userId, id)).rejects.toMatchObject(refused);
  const wrongLeaf = chooseLeaf(env.db, user.workspaceId, user.userId, id, other.leafId);
  await expect(wrongLeaf).rejects.toMatchObject(refused);
});

test("a selected branch is stored", async () => {
  const { id, leafId } = await write(user, "Branches", "one", 10);
  const sibling = newId();
  await env.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${sibling}, ${user.workspaceId}, ${id}, 'user', '[]', 'two', now())`;
  await chooseLeaf(env.db, user.workspaceId, user.userId, id, sibling);
  const talk = await readConversation(env.db, user.workspaceId, user.userId, id);
  expect(talk.activeLeafId).toBe(sibling);
  expect(talk.messages.map((message) => message.id)).toEqual([leafId, sibling]);
});
