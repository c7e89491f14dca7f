import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { changeConversations } from "#lib/chat/conversations/change-conversations.ts";
import { renameConversation } from "#lib/chat/conversations/conversations.ts";
import { purgeDeletedConversations } from "#lib/chat/conversations/purge-deleted.ts";
import { indexChanges } from "#lib/chat/search/index-changes.ts";
import { searchChats } from "#lib/chat/search/search-chats.ts";
import type { SearchRequest } from "#lib/chat/search/search-request.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { randomRuns } from "#tests/random-budget.ts";

let env: ChatTestEnv;
let user: TestUser;
let otherUser: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  user = await addUser(env);
  otherUser = await addUser(env);
});
afterAll(() => env.close());

const present = Date.now();
const ago = (days: number) => new Date(present - days * 86_400_000).toISOString();

type Written = { id: string; messageIds: string[] };
type Details = { daysAgo?: number; model?: string; status?: string; reasoning?: string };

/** Writes a conversation with its messages in one transaction, as the product does. */
async function write(
  owner: TestUser,
  title: string,
  texts: string[],
  details: Details = {},
): Promise<Written> {
  const { daysAgo = 1, model = "gpt-5.4-mini", status = "done", reasoning = "" } = details;
  const id = newId();
  const messageIds = texts.map(() => newId());
  const at = ago(daysAgo);
  const parts = JSON.stringify(
    reasoning === "" ? [] : [{ type: "reasoning", text: reasoning, durationMs: 1 }],
  );
  await env.sql.begin(async (tx) => {
    await tx`insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
      values (${id}, ${owner.workspaceId}, ${owner.userId}, ${title}, ${model}, ${at}, ${at})`;
    await tx`insert into messages (id, workspace_id, conversation_id, role, parts, content, model, status, created_at)
      select m.id, ${owner.workspaceId}, ${id}, case when m.nr % 2 = 1 then 'user' else 'assistant' end,
        ${parts}::text::jsonb, m.text, case when m.nr % 2 = 0 then ${model} end, ${status},
        ${at}::timestamptz + m.nr * interval '1 second'
      from unnest(${messageIds}::uuid[], ${texts}::text[]) with ordinality as m (id, text, nr)`;
  });
  return { id, messageIds };
}

const search = (q: string, owner = user, request: Partial<SearchRequest> = {}) =>
  searchChats(env.db, owner, { q, ...request }, new Date(present));
const titlesOf = async (q: string, request: Partial<SearchRequest> = {}, owner = user) => {
  const { titles, messages } = await search(q, owner, request);
  return [...titles.map(({ title }) => title.text), ...messages.map(({ title }) => title)];
};
const entries = async () => {
  const rows = await env.sql`select message_id, rules, terms::text from search_messages order by message_id`;
  return JSON.stringify(rows);
};

test("messages and titles are found with their marked places, only by their owner", async () => {
  const { id, messageIds } = await write(user, "Holidays in Portugal", [
    "which trains go to Lisbon at night?",
    "The **night train** to Lisbon leaves at nine.",
  ]);
  await write(otherUser, "Lisbon of another user", ["night trains to lisbon"]);
  await indexChanges();
  const { titles, messages, next } = await search("lisb night");
  expect({ titles, next }).toEqual({ titles: [], next: null });
  expect(messages.map(({ conversationId, messageId, role }) => [conversationId, messageId, role])).toEqual([
    [id, messageIds[1], "assistant"],
    [id, messageIds[0], "user"],
  ]);
  const { text, ranges } = messages[0]?.snippet ?? { text: "", ranges: [] };
  expect(text).toBe("The night train to Lisbon leaves at nine.");
  expect(ranges.map(([start, end]) => text.slice(start, end))).toEqual(["night", "Lisb"]);
  const [title] = (await search("PORTUG")).titles;
  expect(title).toMatchObject({
    conversationId: id,
    title: { text: "Holidays in Portugal", ranges: [[12, 18]] },
  });
  expect((await search("ortug")).titles).toHaveLength(1);
  await write(user, "Rename get_user_name", ["x"]);
  await indexChanges();
  expect((await search("user_na")).titles).toHaveLength(1);
  expect((await search("et_user")).titles).toHaveLength(1);
  expect((await search("et.user")).titles).toHaveLength(0);
  expect(await search("portug", otherUser)).toEqual({ titles: [], messages: [], next: null });
  expect(await search("portug", { ...user, workspaceId: otherUser.workspaceId })).toMatchObject({
    titles: [],
  });
});

test("C9: a search finds words inside a run of Chinese, names with underscores and addresses", async () => {
  const texts: [string, string][] = [
    ["Weather", "今天天气很好，明天也是晴天吗"],
    ["Code", "call foo_bar(1) before baz"],
    ["Site", "see https://www.example.com/path for more"],
    ["Thai", "สวัสดีครับ"],
    ["Hindi", "मुझे हिन्दी आती है"],
    ["Mixed", "使用React开发 한국어입니다"],
    ["Apart", "foo and bar, 天 then 气, an example, com"],
  ];
  for (const [title, text] of texts) await write(user, title, [text]);
  await indexChanges();
  for (const query of ["天气", "天天气", "很好", "晴天吗", "好，明天"])
    expect(await titlesOf(query), query).toEqual(["Weather"]);
  expect(await titlesOf("foo_bar")).toEqual(["Code"]);
  expect(await titlesOf("example.com")).toEqual(["Site"]);
  expect(await titlesOf("สวัสดี")).toEqual(["Thai"]);
  expect(await titlesOf("हिन्दी")).toEqual(["Hindi"]);
  expect(await titlesOf("React开发")).toEqual(["Mixed"]);
  expect(await titlesOf("국어")).toEqual(["Mixed"]);
  expect((await titlesOf("foo bar")).toSorted()).toEqual(["Apart", "Code"]);
  expect(await titlesOf("' | !& :*")).toEqual([]);
});

/** Letters of ten scripts; those after Devanagari are written without spaces. */
const scripts: [from: number, to: number][] = [
  [0x61, 0x7a],
  [0x430, 0x44f],
  [0x3b1, 0x3c9],
  [0x627, 0x63a],
  [0x915, 0x939],
  [0x4e00, 0x9fa5],
  [0x3042, 0x3093],
  [0xac00, 0xd7a3],
  [0xe01, 0xe2e],
  [0x1780, 0x17a2],
];
const wordOf = ([min, max]: [number, number]) =>
  fc
    .array(fc.integer({ min, max }), { minLength: 3, maxLength: 8 })
    .map((letters) => String.fromCodePoint(...letters));

test("random words of ten scripts are found in the message that contains them", async () => {
  const owner = await addUser(env);
  const texts = fc.array(
    fc.tuple(...scripts.map((script) => fc.array(wordOf(script), { minLength: 2, maxLength: 4 }))),
    {
      minLength: 3,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(), async (messages, pick) => {
      const contents = messages.map((words) =>
        words.map((some, script) => some.join(script < 5 ? " " : "")).join(pick % 2 === 0 ? " " : ", "),
      );
      const { messageIds } = await write(owner, "Random", contents);
      await indexChanges();
      const message = pick % messages.length;
      const found = scripts.map(async (_, script) => {
        const some = messages[message]?.[script] ?? [];
        const word = some[pick % some.length] ?? "";
        // More than a page may contain a short word; the newest messages are the last ones written.
        const ids = (await search(word, owner)).messages.map(({ messageId }) => messageId);
        expect(ids, word).toContain(messageIds[message]);
      });
      await Promise.all(found);
    }),
    { numRuns: randomRuns(8) },
  );
});

test("thinking, running answers and deleted conversations are not found; restored ones are", async () => {
  await write(user, "Thinking", ["question", "answer"], { reasoning: "zugzwang" });
  await write(user, "Running", ["zugzwang while it runs"], { status: "streaming" });
  const { id } = await write(user, "Endgame", ["what is a zugzwang"]);
  await indexChanges();
  expect(await titlesOf("zugzwang")).toEqual(["Endgame"]);
  const change = (deleted: boolean) =>
    changeConversations(env.db, user.workspaceId, user.userId, [id], { type: "delete", deleted }, now());
  await change(true);
  expect(await titlesOf("zugzwang")).toEqual([]);
  expect(await titlesOf("endgame")).toEqual([]);
  await change(false);
  expect(await titlesOf("zugzwang")).toEqual(["Endgame"]);
  await change(true);
  await purgeDeletedConversations(new Date(present + 60 * 86_400_000));
  const [left] = await env.sql`select from search_messages where conversation_id = ${id}`;
  expect(left).toBeUndefined();
});

test("filters restrict by model, time and pins, for messages and titles", async () => {
  const old = await write(user, "quokka in spring", ["quokka one", "quokka two"], {
    daysAgo: 400,
    model: "model-a",
  });
  await write(user, "quokka now", ["quokka three", "quokka four"], { daysAgo: 2, model: "model-b" });
  await indexChanges();
  const count = async (request: Partial<SearchRequest>) => {
    const { titles, messages } = await search("quokka", user, request);
    return [titles.length, messages.length];
  };
  expect(await count({})).toEqual([2, 4]);
  expect(await count({ model: "model-a" })).toEqual([1, 2]);
  expect(await count({ from: ago(10) })).toEqual([1, 2]);
  expect(await count({ to: ago(10) })).toEqual([1, 2]);
  expect(await count({ from: ago(300), to: ago(10) })).toEqual([0, 0]);
  expect(await count({ pinned: "1" })).toEqual([0, 0]);
  const pin = { type: "pin", pinned: true } as const;
  await changeConversations(env.db, user.workspaceId, user.userId, [old.id], pin, now());
  expect(await count({ pinned: "1" })).toEqual([1, 2]);
  expect(await count({ pinned: "1", model: "model-b" })).toEqual([0, 0]);
});

test("pages show every message once, at most three of a conversation on each", async () => {
  const owner = await addUser(env);
  for (let number = 0; number < 30; number += 1)
    await write(owner, `Chat ${number}`, [`wombat ${number}`, "nothing"], { daysAgo: number * 40 });
  await write(
    owner,
    "Many",
    Array.from({ length: 9 }, (_, index) => `wombat again ${index}`),
    { daysAgo: 50 },
  );
  await indexChanges();
  const seen: string[] = [];
  let after: SearchRequest["after"];
  for (;;) {
    const { messages, next } = await search("wombat", owner, after === undefined ? {} : { after });
    expect(messages.filter(({ title }) => title === "Many").length).toBeLessThanOrEqual(3);
    seen.push(...messages.map(({ messageId }) => messageId));
    if (next === null) break;
    const [at = "", id = ""] = next.split("_");
    after = { at: new Date(at), id };
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBe(33);
});

test("a renamed chat is found by its new title and a finished answer by its text", async () => {
  const { id, messageIds } = await write(user, "Thylacine", ["question"], { status: "streaming" });
  await indexChanges();
  await renameConversation(env.db, user.workspaceId, user.userId, id, "Numbat facts");
  await env.sql.begin(async (tx) => {
    await tx`update messages set content = 'bilby', status = 'done' where id = ${messageIds[0] ?? ""}`;
    await tx`update conversations set answered_at = now() where id = ${id}`;
  });
  // Until it is indexed again, the old title no longer matches what is shown.
  expect(await titlesOf("thylacine")).toEqual([]);
  await indexChanges();
  expect(await titlesOf("numbat")).toEqual(["Numbat facts"]);
  expect(await titlesOf("bilby")).toEqual(["Numbat facts"]);
  await env.sql.begin(async (tx) => {
    await tx`update messages set content = 'potoroo' where id = ${messageIds[0] ?? ""}`;
    await tx`update conversations set answered_at = now() where id = ${id}`;
  });
  await indexChanges();
  expect(await titlesOf("potoroo")).toEqual(["Numbat facts"]);
});

test("indexing is repeatable, converges after a lost position and when it runs twice at once", async () => {
  await write(user, "Repeat", ["echidna", "an answer about an echidna"]);
  await Promise.all([indexChanges(), indexChanges(), indexChanges()]);
  const before = await entries();
  expect(await indexChanges()).toBe(0);
  // A process was killed after it had written some entries and before it saved its position.
  await env.sql`delete from search_messages where message_id in (select message_id from search_messages limit 7)`;
  await env.sql`update search_progress set changed_in = -1`;
  expect(await indexChanges()).toBe(7);
  expect(await entries()).toBe(before);
});

test("a stop of the process leaves the rest for the next one", async () => {
  const stopped = AbortSignal.abort();
  await write(user, "Interrupted", ["pademelon", "a pademelon again"]);
  expect(await indexChanges(stopped)).toBeLessThanOrEqual(2);
  await indexChanges();
  expect(await titlesOf("pademelon")).toEqual(["Interrupted", "Interrupted"]);
});

test("what a transaction writes that is committed after later ones is indexed", async () => {
  const held = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const id = newId();
  const slow = env.sql.begin(async (tx) => {
    const at = ago(1);
    await tx`insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
      values (${id}, ${user.workspaceId}, ${user.userId}, 'Late dugong', 'm', ${at}, ${at})`;
    written.resolve();
    await held.promise;
  });
  await written.promise;
  await write(user, "Early dugong", ["x"]);
  await indexChanges();
  expect(await titlesOf("dugong")).toEqual(["Early dugong"]);
  held.resolve();
  await slow;
  await indexChanges();
  expect((await titlesOf("dugong")).toSorted()).toEqual(["Early dugong", "Late dugong"]);
});

test("after a restored backup, whose transactions had higher numbers, everything is indexed", async () => {
  const { id } = await write(user, "Restored kakapo", ["kakapo"]);
  const owner = connect(env.ownerUrl, { max: 1 }).sql;
  await owner`alter table conversations disable trigger conversations_changed`;
  await owner`update conversations set changed_in = 900000000 where id = ${id}`;
  await owner`alter table conversations enable trigger conversations_changed`;
  await owner.end();
  await env.sql`update search_progress set changed_in = 900000000`;
  await write(user, "New kakapo", ["kakapo"]);
  await indexChanges();
  await indexChanges();
  expect(await titlesOf("kakapo")).toHaveLength(4);
  expect(await indexChanges()).toBe(0);
});

test("a process of the previous release leaves the index of new rules alone", async () => {
  await env.sql`update search_progress set rules = 32000`;
  await write(user, "Ahead", ["takahe"]);
  expect(await indexChanges()).toBe(0);
  expect(await titlesOf("takahe")).toEqual([]);
  await env.sql`update search_progress set rules = 0`;
  await indexChanges();
  expect(await titlesOf("takahe")).toEqual(["Ahead"]);
});

test("C9: a message of 200,000 different letters is stored and its beginning is found", async () => {
  const letters = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  const text = Array.from({ length: 10 }, (_, shift) =>
    letters.map((_letter, index) => letters[(index * (shift * 7 + 1)) % 20_000]).join(""),
  ).join("");
  await write(user, "Huge", [text]);
  await write(user, "Huge Latin", [Array.from({ length: 150_000 }, (_, index) => `w${index}`).join(" ")]);
  expect(await indexChanges()).toBe(2);
  expect(await titlesOf(text.slice(10, 14))).toContain("Huge");
  expect(await titlesOf("w10 w11")).toContain("Huge Latin");
});
