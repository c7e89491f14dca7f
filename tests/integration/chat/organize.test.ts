import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ConversationChange,
  changeConversations,
} from "#lib/chat/conversations/change-conversations.ts";
import { readConversationList, readSectionPage } from "#lib/chat/conversations/conversation-list.ts";
import { listConversations } from "#lib/chat/conversations/conversations.ts";
import { deleteChats } from "#lib/chat/conversations/delete-chats.ts";
import {
  createProject,
  deleteProject,
  listProjects,
  orderProjects,
  renameProject,
} from "#lib/chat/conversations/projects.ts";
import { type Section, sectionsOf } from "#lib/chat/conversations/sections.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

/** Writes conversations of which the last is the newest; returns their ids. */
async function write(owner: TestUser, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await env.sql`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
    select id, ${owner.workspaceId}, ${owner.userId}, 'Number ' || nr, 'gpt-4.1-mini', now(), now() - (1000 - nr) * interval '1 minute'
    from unnest(${ids}::uuid[]) with ordinality as c (id, nr)`;
  return ids;
}

const change = (owner: TestUser, ids: string[], what: ConversationChange) =>
  changeConversations(env.db, owner.workspaceId, owner.userId, ids, what, now());
const section = async (owner: TestUser, name: Section) =>
  (await listConversations(env.db, owner.workspaceId, owner.userId, { section: name })).map(({ id }) => id);
const addProject = async (owner: TestUser, name: string) => {
  const id = newId();
  await createProject(env.db, owner.workspaceId, owner.userId, { id, name }, now());
  return id;
};
const projects = async (owner: TestUser) =>
  (await listProjects(env.db, owner.workspaceId, owner.userId)).map(({ name }) => name);
const notFound = { code: "not_found" };

describe("a change of conversations", () => {
  test("pinning, archiving, moving and deleting are safe to repeat and keep the first time", async () => {
    const user = await addUser(env);
    const [id = ""] = await write(user, 1);
    const project = await addProject(user, "Lisbon");
    const times = () => env.sql`
      select pinned_at as pinned, archived_at as archived, deleted_at as deleted, project_id as project, updated_at as updated
      from conversations where id = ${id}`;
    const steps: ConversationChange[] = [
      { type: "pin", pinned: true },
      { type: "move", projectId: project },
      { type: "archive", archived: true },
      { type: "delete", deleted: true },
    ];
    const [start] = await times();
    for (const step of steps) {
      expect(await change(user, [id], step)).toEqual([id]);
      const first = await times();
      if (step.type === "delete") break;
      expect(await change(user, [id, id], step)).toEqual([id]);
      expect(await times()).toEqual(first);
    }
    await change(user, [id], { type: "delete", deleted: true });
    const [end] = await times();
    expect(end).toMatchObject({ project, updated: start?.updated });
    for (const name of ["pinned", "archived", "deleted"]) expect(end?.[name], name).toBeTypeOf("string");
  });

  test("a stranger's conversations and projects are ignored, refused and unchanged", async () => {
    const [user, stranger] = [await addUser(env), await addUser(env)];
    const [own = ""] = await write(user, 1);
    const [theirs = ""] = await write(stranger, 1);
    const theirProject = await addProject(stranger, "Theirs");
    const before = await env.sql`select * from conversations where id = ${theirs}`;
    expect(await change(user, [own, theirs, newId()], { type: "pin", pinned: true })).toEqual([own]);
    await expect(change(user, [theirs], { type: "delete", deleted: true })).rejects.toMatchObject(notFound);
    await expect(change(user, [own], { type: "move", projectId: theirProject })).rejects.toMatchObject(
      notFound,
    );
    const { workspaceId, userId } = user;
    const given = { id: theirProject, name: "Mine" };
    await expect(renameProject(env.db, workspaceId, userId, given)).rejects.toMatchObject(notFound);
    await expect(createProject(env.db, workspaceId, userId, given, now())).rejects.toMatchObject(notFound);
    const removal = deleteProject(env.db, workspaceId, userId, { ...given, deletesChats: true }, now());
    await expect(removal).rejects.toMatchObject(notFound);
    await orderProjects(env.db, workspaceId, userId, [theirProject]);
    expect(await env.sql`select * from conversations where id = ${theirs}`).toEqual(before);
    expect(await projects(stranger)).toEqual(["Theirs"]);
    expect(await projects(user)).toEqual([]);
  });

  test("concurrent changes of the same conversations in different orders all succeed", async () => {
    const user = await addUser(env);
    const ids = await write(user, 40);
    const changes = Array.from({ length: 12 }, (_, nr) =>
      change(user, nr % 2 === 0 ? ids : [...ids].reverse(), { type: "pin", pinned: nr % 3 === 0 }),
    );
    for (const result of await Promise.all(changes)) expect(result).toHaveLength(40);
  });

  test("open-webui#27484: a conversation that is moved into a project leaves the archive", async () => {
    const user = await addUser(env);
    const [id = ""] = await write(user, 1);
    const project = await addProject(user, "Lisbon");
    await change(user, [id], { type: "archive", archived: true });
    await change(user, [id], { type: "move", projectId: project });
    expect(await section(user, `project:${project}`)).toEqual([id]);
    expect(await section(user, "archived")).toEqual([]);
  });

  test("open-webui#30180: a pinned conversation that leaves the archive is pinned again", async () => {
    const user = await addUser(env);
    const [id = ""] = await write(user, 1);
    await change(user, [id], { type: "pin", pinned: true });
    await change(user, [id], { type: "archive", archived: true });
    expect(await section(user, "pinned")).toEqual([]);
    await change(user, [id], { type: "archive", archived: false });
    expect(await section(user, "pinned")).toEqual([id]);
  });
});

describe("sections", () => {
  test("the database and sectionsOf put every conversation into the same sections", async () => {
    const user = await addUser(env);
    const project = await addProject(user, "Lisbon");
    const names: Section[] = ["pinned", "recent", "archived", `project:${project}`];
    const [id = ""] = await write(user, 1);
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), fc.boolean(), async (pinned, archived, filed) => {
        await change(user, [id], { type: "pin", pinned });
        await change(user, [id], { type: "move", projectId: filed ? project : null });
        await change(user, [id], { type: "archive", archived });
        const found = await Promise.all(names.map((name) => section(user, name)));
        const listed = names.filter((_, index) => found[index]?.includes(id));
        const placed = { isPinned: pinned, isArchived: archived, projectId: filed ? project : null };
        expect(listed.sort()).toEqual(sectionsOf(placed).sort());
      }),
      { numRuns: 16 },
    );
  });

  test("pages of a section list 120 conversations once, newest first", async () => {
    const user = await addUser(env);
    const ids = await write(user, 120);
    await change(user, ids.slice(0, 5), { type: "pin", pinned: true });
    const list = await readConversationList(env.db, user.workspaceId, user.userId, []);
    expect(list.pages.map(({ section: name }) => name)).toEqual(["pinned", "recent"]);
    let page = list.pages[1];
    const seen: string[] = [];
    for (;;) {
      seen.push(...(page?.conversations.map(({ id }) => id) ?? []));
      const last = page?.conversations.at(-1);
      if (page?.hasMore !== true || last === undefined) break;
      const before = { id: last.id, updatedAt: new Date(last.updatedAt) };
      page = await readSectionPage(env.db, user.workspaceId, user.userId, "recent", before);
    }
    expect(seen).toEqual(ids.slice(5).reverse());
  });
});

describe("projects", () => {
  test("creating with the same id twice makes one project, and renaming and ordering can be repeated", async () => {
    const user = await addUser(env);
    const { workspaceId, userId } = user;
    const [one, two] = [newId(), newId()];
    for (let round = 0; round < 2; round++) {
      await createProject(env.db, workspaceId, userId, { id: one, name: " One " }, now());
      await createProject(env.db, workspaceId, userId, { id: two, name: "Two" }, now());
    }
    expect(await projects(user)).toEqual(["One", "Two"]);
    for (let round = 0; round < 2; round++) {
      await orderProjects(env.db, workspaceId, userId, [two, one]);
      await renameProject(env.db, workspaceId, userId, { id: one, name: "First" });
    }
    expect(await projects(user)).toEqual(["Two", "First"]);
    const empty = renameProject(env.db, workspaceId, userId, { id: one, name: " \0 " });
    await expect(empty).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("deleting a project keeps its chats unless asked, and repeating it changes nothing", async () => {
    const user = await addUser(env);
    const { workspaceId, userId } = user;
    const ids = await write(user, 3);
    const project = await addProject(user, "Lisbon");
    await change(user, ids, { type: "move", projectId: project });
    const kept = { id: project, deletesChats: false };
    expect(await deleteProject(env.db, workspaceId, userId, kept, now())).toEqual([]);
    expect((await section(user, "recent")).sort()).toEqual([...ids].sort());
    expect(await deleteProject(env.db, workspaceId, userId, { ...kept, deletesChats: true }, now())).toEqual(
      [],
    );
    expect(await section(user, "recent")).toHaveLength(3);
    expect(await projects(user)).toEqual([]);
    const move = change(user, ids, { type: "move", projectId: project });
    await expect(move).rejects.toMatchObject(notFound);
  });

  test("open-webui#14578: deleting a project with its chats keeps the archived ones, and the others can be restored", async () => {
    const user = await addUser(env);
    const { workspaceId, userId } = user;
    const ids = await write(user, 3);
    const project = await addProject(user, "Lisbon");
    await change(user, ids, { type: "move", projectId: project });
    await change(user, ids.slice(0, 1), { type: "archive", archived: true });
    const deleted = await deleteProject(
      env.db,
      workspaceId,
      userId,
      { id: project, deletesChats: true },
      now(),
    );
    expect(deleted.sort()).toEqual(ids.slice(1).sort());
    expect(await section(user, "archived")).toEqual(ids.slice(0, 1));
    expect(await section(user, "recent")).toEqual([]);
    await change(user, deleted, { type: "delete", deleted: false });
    expect((await section(user, "recent")).sort()).toEqual(ids.slice(1).sort());
  });

  test("deleting a workspace's chats deletes its projects", async () => {
    const user = await addUser(env);
    await write(user, 1);
    await addProject(user, "Lisbon");
    await deleteChats(user.workspaceId);
    const rows = await env.sql`select 1 from projects where workspace_id = ${user.workspaceId}`;
    expect(rows).toHaveLength(0);
  });
});
