import { setImmediate as tick } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { signOut } from "#lib/accounts/sign-out.ts";
import { changeConversations } from "#lib/chat/conversations/change-conversations.ts";
import { readCursor } from "#lib/chat/conversations/conversation-list.ts";
import { renameConversation } from "#lib/chat/conversations/conversations.ts";
import { readChanges } from "#lib/chat/conversations/feed/read-changes.ts";
import { type FeedItem, readFeed } from "#lib/chat/conversations/feed/read-feed.ts";
import { createProject, deleteProject } from "#lib/chat/conversations/projects.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  pollOptions,
  readToEnd,
  start,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let runtime: ChatRuntime;
let other: ChatRuntime;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  other = env.addInstance();
  await Promise.all([runtime.wake.listening(), other.wake.listening()]);
});
afterAll(() => env.close());

async function write(owner: TestUser, title: string, on = env.sql): Promise<string> {
  const id = newId();
  await on`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
    values (${id}, ${owner.workspaceId}, ${owner.userId}, ${title}, 'gpt-4.1-mini', now(), now())`;
  return id;
}

const never = () => new AbortController().signal;

/** Follows a feed in the background and collects its events; `titles` is the state that a list would show. */
function follow(user: TestUser, cursor: number | null, signal = never(), on = runtime) {
  const items: FeedItem[] = [];
  const titles = new Map<string, string>();
  const run = async () => {
    for await (const item of readFeed(user, cursor, signal, on)) {
      items.push(item);
      if (item.event.type !== "changes") continue;
      for (const { id, title } of item.event.conversations) titles.set(id, title);
      for (const id of item.event.removed) titles.delete(id);
    }
  };
  return { items, titles, ended: run() };
}

const cursorNow = () => readCursor(env.db);
const rename = (user: TestUser, id: string, title: string) =>
  renameConversation(env.db, user.workspaceId, user.userId, id, title);
const change = (user: TestUser, ids: string[], what: Parameters<typeof changeConversations>[4]) =>
  changeConversations(env.db, user.workspaceId, user.userId, ids, what, now());
const changes = (user: TestUser, cursor: number) =>
  readChanges(env.db, user.workspaceId, user.userId, cursor, now());

describe("the feed of the list", () => {
  test("new, renamed, pinned, archived, moved, deleted and restored conversations arrive on other instances", async () => {
    const [user, stranger] = [await addUser(env), await addUser(env)];
    const leaving = new AbortController();
    const feed = follow(user, await cursorNow(), leaving.signal, other);
    const id = await write(user, "One");
    await write(stranger, "Strange");
    await expect.poll(() => feed.titles.get(id), pollOptions).toBe("One");
    await rename(user, id, "Two");
    await expect.poll(() => feed.titles.get(id), pollOptions).toBe("Two");
    const project = newId();
    await createProject(env.db, user.workspaceId, user.userId, { id: project, name: "Lisbon" }, now());
    await change(user, [id], { type: "pin", pinned: true });
    await change(user, [id], { type: "move", projectId: project });
    await change(user, [id], { type: "archive", archived: true });
    const last = () =>
      feed.items.flatMap(({ event }) => (event.type === "changes" ? event.conversations : [])).at(-1);
    await expect
      .poll(last, pollOptions)
      .toMatchObject({ id, isPinned: true, isArchived: true, projectId: project });
    const projects = () =>
      feed.items.flatMap(({ event }) => (event.type === "changes" ? [event.projects ?? []] : []));
    await expect.poll(projects, pollOptions).toContainEqual([{ id: project, name: "Lisbon" }]);
    await deleteProject(env.db, user.workspaceId, user.userId, { id: project, deletesChats: false }, now());
    await expect.poll(last, pollOptions).toMatchObject({ id, projectId: null });
    await change(user, [id], { type: "delete", deleted: true });
    await expect.poll(() => feed.titles.has(id), pollOptions).toBe(false);
    await change(user, [id], { type: "delete", deleted: false });
    await expect.poll(() => feed.titles.get(id), pollOptions).toBe("Two");
    expect([...feed.titles.keys()]).toEqual([id]);
    leaving.abort();
    await feed.ended;
  });

  test("an answer is announced as running and then as unread, until somebody has read it", async () => {
    const user = await addUser(env);
    const cursor = await cursorNow();
    const input = startInput("say exactly: hello", "gpt-4.1-mini");
    const started = await start(runtime, user, input);
    const running = await changes(user, cursor);
    expect(running.changes).toMatchObject({
      conversations: [{ id: input.conversationId, running: input.generationId, leafId: input.answerId }],
    });
    await readToEnd(await started.read(0, never()));
    await expect
      .poll(async () => (await changes(user, cursor)).changes, pollOptions)
      .toMatchObject({
        conversations: [{ id: input.conversationId, running: null, isUnread: true }],
        availableMicros: expect.any(Number),
      });
    for (let round = 0; round < 2; round++) await change(user, [input.conversationId], { type: "read" });
    expect((await changes(user, cursor)).changes).toMatchObject({ conversations: [{ isUnread: false }] });
  });

  test("a message in an archived conversation brings it back from the archive", async () => {
    const user = await addUser(env);
    const input = startInput("say exactly: hello", "gpt-4.1-mini");
    await readToEnd(await (await start(runtime, user, input)).read(0, never()));
    await change(user, [input.conversationId], { type: "archive", archived: true });
    const next = startInput("say exactly: again", "gpt-4.1-mini", {
      conversationId: input.conversationId,
      parentId: input.answerId,
    });
    await readToEnd(await (await start(runtime, user, next)).read(0, never()));
    const [row] = await env.sql`select archived_at from conversations where id = ${input.conversationId}`;
    expect(row).toEqual({ archived_at: null });
  });
});

describe("the cursor of the feed", () => {
  test("a change that is committed after a later one is not lost", async () => {
    const user = await addUser(env);
    const slow = connect(env.url, { max: 1 });
    const cursor = await cursorNow();
    let late = "";
    let next = cursor;
    await slow.sql.begin(async (tx) => {
      // `begin` gives a TransactionSql, which is called in the same way.
      late = await write(user, "Begun first, committed last", tx as unknown as typeof env.sql);
      await write(user, "Begun last, committed first");
      const first = await changes(user, cursor);
      expect(first.changes).toMatchObject({ conversations: [{ title: "Begun last, committed first" }] });
      next = first.cursor;
    });
    await slow.sql.end();
    const after = await changes(user, next);
    expect(JSON.stringify(after.changes)).toContain(late);
  });

  test("a reader that reconnects at any position ends with the state of the database", async () => {
    const user = await addUser(env);
    const begin = await cursorNow();
    const ids = await Promise.all(Array.from({ length: 8 }, (_, nr) => write(user, `Start ${nr}`)));
    let isWriting = true;
    const writers = ids.map(async (id, nr) => {
      for (let round = 0; round < 12; round++) {
        await rename(user, id, `Chat ${nr} round ${round}`);
        if (round % 4 === nr % 4) await change(user, [id], { type: "delete", deleted: true });
        if (round % 4 === nr % 4) await change(user, [id], { type: "delete", deleted: false });
      }
    });
    const done = Promise.all(writers).then(() => {
      isWriting = false;
    });
    // Readers that disconnect after every few events and continue at the id of the last one they got.
    const state = new Map<string, string>();
    let position = begin;
    const readSome = async (limit: number) => {
      const leaving = new AbortController();
      let count = 0;
      for await (const { id, event } of readFeed(user, position, leaving.signal, other)) {
        position = id;
        if (event.type === "changes") {
          for (const { id: chat, title } of event.conversations) state.set(chat, title);
          for (const chat of event.removed) state.delete(chat);
        }
        count += 1;
        if (count >= limit) leaving.abort();
      }
    };
    while (isWriting) await readSome(2 + (position % 3));
    await done;
    await readSome(3);
    const rows = await env.sql<{ id: string; title: string }[]>`
      select id, title from conversations where user_id = ${user.userId} and deleted_at is null`;
    const expected = Object.fromEntries(rows.map(({ id, title }) => [id, title]));
    await expect
      .poll(async () => {
        await readSome(2);
        return Object.fromEntries(state);
      }, pollOptions)
      .toEqual(expected);
  });

  test("a position of another database and more than 500 changes ask for the whole list", async () => {
    const user = await addUser(env);
    const cursor = await cursorNow();
    expect((await changes(user, cursor + 1_000_000_000)).changes).toBe("reload");
    await env.sql`
      insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
      select gen_random_uuid(), ${user.workspaceId}, ${user.userId}, 'Many', 'gpt-4.1-mini', now(), now()
      from generate_series(1, 501)`;
    expect((await changes(user, cursor)).changes).toBe("reload");
    const quiet = await changes(user, await cursorNow());
    expect(quiet.changes === null || quiet.changes === "reload").toBe(true);
  });
});

describe("the connection of the feed", () => {
  test("it polls nothing while it waits, and says that it is alive", async () => {
    const user = await addUser(env);
    const leaving = new AbortController();
    const feed = follow(user, await cursorNow(), leaving.signal);
    await expect.poll(() => feed.items.length, pollOptions).toBeGreaterThan(1);
    env.statements.length = 0;
    const before = feed.items.length;
    await expect.poll(() => feed.items.length, pollOptions).toBeGreaterThan(before + 2);
    expect(env.statements.filter((text) => text.includes("changed_in"))).toEqual([]);
    expect(feed.items.at(-1)?.event).toEqual({ type: "alive" });
    leaving.abort();
    await feed.ended;
  });

  test("signing out ends it on every instance with a last event, and the seventeenth of a user is refused", async () => {
    const user = await addUser(env);
    const reader = { personId: user.userId, credentialId: user.sessionId, kind: "list" as const };
    const slots = Array.from({ length: 16 }, () => openReader(reader, runtime));
    expect(() => openReader(reader, runtime)).toThrow(expect.objectContaining({ code: "too_many_requests" }));
    // Answers have a limit of their own.
    openReader({ personId: user.userId, credentialId: user.sessionId }, runtime).release();
    const feeds = await Promise.all(
      [slots[0], openReader(reader, other)].map(async (slot, index) => {
        const on = index === 0 ? runtime : other;
        const items = await slot?.read(never(), async (signal) => readFeed(user, null, signal, on));
        await items?.next();
        return items;
      }),
    );
    const last = feeds.map(async (items) => {
      for (;;) {
        const result = await items?.next();
        if (result === undefined || result.done === true) return null;
        if (result.value.event.type === "ended") return result.value.event;
        await tick();
      }
    });
    await signOut(user, now());
    expect(await Promise.all(last)).toEqual([{ type: "ended" }, { type: "ended" }]);
    for (const slot of slots) slot.release();
  });
});
