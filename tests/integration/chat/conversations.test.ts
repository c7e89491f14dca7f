import { afterAll, beforeAll, expect, test } from "vitest";
import {
  chooseLeaf,
  deleteConversation,
  listConversations,
  type PageMark,
  renameConversation,
  restoreConversation,
} from "#lib/chat/conversations.ts";
import { readConversation } from "#lib/chat/read-conversation.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addPerson,
  type ChatWorld,
  createChatWorld,
  type Person,
} from "#tests/integration/chat/chat-world.ts";

let world: ChatWorld;
let person: Person;
let stranger: Person;

beforeAll(async () => {
  world = await createChatWorld();
  person = await addPerson(world);
  stranger = await addPerson(world);
});
afterAll(() => world.close());

/** One moment for all, so that some conversations were touched at the very same one. */
const present = Date.now();

/** A conversation of one question, last touched so many minutes ago. */
async function write(
  owner: Person,
  title: string,
  text: string,
  minutesAgo: number,
): Promise<{ id: string; leafId: string }> {
  const [id, leafId] = [newId(), newId()];
  const at = new Date(present - minutesAgo * 60_000).toISOString();
  const { workspaceId, userId } = owner;
  await world.sql`
    insert into conversations (id, workspace_id, user_id, title, model, active_leaf_id, created_at, updated_at)
    values (${id}, ${workspaceId}, ${userId}, ${title}, 'gpt-4.1-mini', ${leafId}, ${at}, ${at})`;
  await world.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${leafId}, ${workspaceId}, ${id}, 'user', '[]', ${text}, ${at})`;
  return { id, leafId };
}

const list = (owner: Person, options = {}) =>
  listConversations(world.db, owner.workspaceId, owner.userId, options);
const titles = async (options = {}) => (await list(person, options)).map((line) => line.title);

test("pages follow each other, newest first, with every conversation once, also those of the same moment", async () => {
  const owner = await addPerson(world);
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

test("a search finds parts of titles, and words and beginnings in messages, of one's own alone", async () => {
  await write(person, "Recipe for 100% rye bread", "how long does it rise", 5);
  await write(person, "Holidays", "which trains go to Lisbon at night?", 6);
  await write(stranger, "Lisbon of somebody else", "lisbon", 1);
  expect(await titles({ query: "ye bre" })).toEqual(["Recipe for 100% rye bread"]);
  expect(await titles({ query: "lisb night" })).toEqual(["Holidays"]);
  expect(await titles({ query: "100%" })).toEqual(["Recipe for 100% rye bread"]);
  expect(await titles({ query: "%" })).toEqual(["Recipe for 100% rye bread"]);
  expect(await titles({ query: "' | !& :*" })).toEqual([]);
  expect(await titles({ query: "  " })).toHaveLength(2);
});

test("a deleted conversation is gone everywhere until it is brought back", async () => {
  const { id } = await write(person, "To delete", "x", 7);
  const { workspaceId, userId } = person;
  await deleteConversation(world.db, workspaceId, userId, id, now());
  expect(await titles()).not.toContain("To delete");
  const gone = { code: "not_found" };
  await expect(readConversation(world.db, workspaceId, userId, id)).rejects.toMatchObject(gone);
  await expect(renameConversation(world.db, workspaceId, userId, id, "x")).rejects.toMatchObject(gone);
  await expect(deleteConversation(world.db, workspaceId, userId, id, now())).rejects.toMatchObject(gone);
  await restoreConversation(world.db, workspaceId, userId, id);
  expect(await titles()).toContain("To delete");
});

test("nobody touches somebody else's conversation, nor a leaf of another one", async () => {
  const { id } = await write(person, "Mine", "x", 8);
  const other = await write(person, "Other", "x", 9);
  const { workspaceId, userId } = stranger;
  const refused = { code: "not_found" };
  await expect(renameConversation(world.db, workspaceId, userId, id, "x")).rejects.toMatchObject(refused);
  await expect(deleteConversation(world.db, workspaceId, userId, id, now())).rejects.toMatchObject(refused);
  await expect(readConversation(world.db, workspaceId, userId, id)).rejects.toMatchObject(refused);
  const wrongLeaf = chooseLeaf(world.db, person.workspaceId, person.userId, id, other.leafId);
  await expect(wrongLeaf).rejects.toMatchObject(refused);
});

test("the branch that was chosen is shown on the next visit", async () => {
  const { id, leafId } = await write(person, "Branches", "one", 10);
  const sibling = newId();
  await world.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${sibling}, ${person.workspaceId}, ${id}, 'user', '[]', 'two', now())`;
  await chooseLeaf(world.db, person.workspaceId, person.userId, id, sibling);
  const talk = await readConversation(world.db, person.workspaceId, person.userId, id);
  expect(talk.activeLeafId).toBe(sibling);
  expect(talk.messages.map((message) => message.id)).toEqual([leafId, sibling]);
});
