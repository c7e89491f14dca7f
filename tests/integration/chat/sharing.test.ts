import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { GET as exportConversation } from "#app/api/conversations/[id]/export/route.ts";
import { startDueDeletions } from "#lib/accounts/deletion/delete-account.ts";
import { requestDeletion } from "#lib/accounts/deletion/request-deletion.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { conversationDocumentSchema } from "#lib/chat/portability/conversation-format.ts";
import { listAllShares, takeDownShare } from "#lib/chat/sharing/operator-shares.ts";
import { readSharedConversation, readSharedTitle } from "#lib/chat/sharing/read-shared.ts";
import { createShare, listShares, revokeShare, type Share } from "#lib/chat/sharing/shares.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { newAccount } from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { insertConversation } from "#tests/integration/personal-data/insert-conversation.ts";

const dayMs = 86_400_000;
let database: TestDatabase;
let owner: Identity;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
beforeEach(async () => {
  owner = await newAccount(now());
});
afterAll(() => database.drop());

const turns = [{ text: "What is a tree?" }, { text: "A graph without cycles." }];

async function shareNew(options: { expiresInDays?: number | null; title?: string } = {}) {
  const { expiresInDays = 30, title = "Trees" } = options;
  const conversation = await insertConversation(database, owner, title, turns);
  const request = { id: newId(), conversationId: conversation.id, expiresInDays };
  return { ...conversation, share: await createShare(owner, request, now()) };
}

const read = (share: Share, at = now(), page = 1) =>
  readSharedConversation(database.db, share.token, page, at);
const textsOf = (shared: Awaited<ReturnType<typeof read>>) =>
  shared?.messages.flatMap(({ parts }) => parts.map(({ text }) => text));

async function append(conversationId: string, parentId: string, text: string): Promise<string> {
  const id = newId();
  await database.sql`insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, created_at)
    values (${id}, ${owner.workspaceId}, ${conversationId}, ${parentId}, 'user',
      ${JSON.stringify([{ type: "text", text }])}::text::jsonb, ${text}, now())`;
  await database.sql`update conversations set active_leaf_id = ${id}, title = 'Renamed' where id = ${conversationId}`;
  return id;
}

test("a link shows the branch and the title of its moment, and never later messages", async () => {
  const { id, ids, share } = await shareNew();
  await append(id, ids[1] ?? "", "a private follow-up");
  const shared = await read(share);
  expect(shared?.title).toBe("Trees");
  expect(textsOf(shared)).toEqual(["What is a tree?", "A graph without cycles."]);
  expect(JSON.stringify(shared)).not.toContain(owner.email);
  // Another branch is not shown either.
  await append(id, ids[0] ?? "", "another branch");
  expect(textsOf(await read(share))).toEqual(["What is a tree?", "A graph without cycles."]);
  expect(share.token).toMatch(/^[\w-]{24}$/);
});

test("a repeated request makes one link, and another user's request with its id makes none", async () => {
  const { id, share } = await shareNew();
  const again = { id: share.id, conversationId: id, expiresInDays: 7 };
  expect(await createShare(owner, again, now())).toEqual(share);
  expect(await listShares(database.db, owner, now(), id)).toEqual([share]);
  const other = await newAccount(now());
  await expect(createShare(other, { ...again, id: newId() }, now())).rejects.toMatchObject({
    code: "not_found",
  });
  const own = await insertConversation(database, other, "Mine", turns);
  await expect(
    createShare(other, { id: share.id, conversationId: own.id, expiresInDays: 1 }, now()),
  ).rejects.toMatchObject({ code: "conflict" });
});

test("a link ends at its expiry, and when its owner revokes it", async () => {
  const { share } = await shareNew({ expiresInDays: 7 });
  expect(await read(share, new Date(now().getTime() + 6.9 * dayMs))).not.toBeNull();
  expect(await read(share, new Date(now().getTime() + 7.1 * dayMs))).toBeNull();
  const endless = (await shareNew({ expiresInDays: null })).share;
  expect(await read(endless, new Date(now().getTime() + 3_650 * dayMs))).not.toBeNull();
  const other = await newAccount(now());
  await expect(revokeShare(other, endless.id, now())).rejects.toMatchObject({ code: "not_found" });
  await revokeShare(owner, endless.id, now());
  await revokeShare(owner, endless.id, now());
  expect(await read(endless)).toBeNull();
  expect(await readSharedTitle(database.db, endless.token, now())).toBeNull();
  const audit = await database.sql`select action from audit_log where target = ${endless.id} order by id`;
  expect(audit.map(({ action }) => action)).toEqual(["share.created", "share.revoked"]);
});

test("deleting the conversation or the account ends its links", async () => {
  const { id, share } = await shareNew();
  const setDeleted = (at: string | null) =>
    database.sql`update conversations set deleted_at = ${at} where id = ${id}`;
  await setDeleted(now().toISOString());
  expect(await read(share)).toBeNull();
  expect(await listShares(database.db, owner, now())).toEqual([]);
  await setDeleted(null);
  expect(await read(share)).not.toBeNull();
  const dueAt = await requestDeletion(owner, owner.email, now());
  expect(await read(share)).not.toBeNull();
  await startDueDeletions(dueAt);
  expect(await read(share)).toBeNull();
  await database.sql`delete from conversations where id = ${id}`;
  const [left] = await database.sql`select count(*)::int as count from shares where id = ${share.id}`;
  expect(left?.count).toBe(0);
});

test("an operator takes a link down for good, audited; nobody else can", async () => {
  const { share } = await shareNew();
  const operator = { userId: newId(), role: "operator" as const };
  await expect(takeDownShare({ userId: owner.userId, role: "user" }, share.id, now())).rejects.toMatchObject({
    code: "not_found",
  });
  const listed = await listAllShares(database.db, { state: "open", token: share.token }, 10);
  expect(listed).toMatchObject([{ id: share.id, title: "Trees", email: owner.email }]);
  await takeDownShare(operator, share.id, now());
  await takeDownShare(operator, share.id, now());
  expect(await read(share)).toBeNull();
  expect(await listShares(database.db, owner, now())).toMatchObject([{ id: share.id, isTakenDown: true }]);
  expect(await listAllShares(database.db, { state: "open", token: share.token }, 10)).toEqual([]);
  const audit = await database.sql`
    select actor_user_id as actor from audit_log where action = 'share.taken_down' and target = ${share.id}`;
  expect([...audit]).toEqual([{ actor: operator.userId }]);
});

test("a conversation without messages and one whose answer is being written cannot be shared", async () => {
  const empty = await insertConversation(database, owner, "Empty", []);
  const request = (conversationId: string) => ({ id: newId(), conversationId, expiresInDays: null });
  await expect(createShare(owner, request(empty.id), now())).rejects.toMatchObject({ code: "not_found" });
  const { id, ids } = await insertConversation(database, owner, "Busy", turns);
  await database.sql`update messages set status = 'streaming' where id = ${ids[1] ?? ""}`;
  await expect(createShare(owner, request(id), now())).rejects.toMatchObject({ code: "conflict" });
});

test("a long conversation is shown in pages", async () => {
  const many = Array.from({ length: 120 }, (_, index) => ({ text: `turn ${index}` }));
  const { id } = await insertConversation(database, owner, "Long", many);
  const share = await createShare(owner, { id: newId(), conversationId: id, expiresInDays: null }, now());
  const pages = await Promise.all([1, 2, 3].map((page) => read(share, now(), page)));
  expect(pages.map((page) => page?.pageCount)).toEqual([3, 3, 3]);
  expect(pages.flatMap(textsOf)).toEqual(many.map(({ text }) => text));
  expect(await read(share, now(), 4)).toBeNull();
});

async function download(user: Identity, id: string, format: string): Promise<Response> {
  const salt = sessionCookieName();
  const claims = { userId: user.userId, sessionId: user.sessionId };
  const value = await encode({ token: claims, secret: env().AUTH_SECRET, salt, maxAge: 600 });
  const request = new Request(`http://localhost:3000/api/conversations/${id}/export?format=${format}`, {
    headers: { cookie: `${salt}=${value}`, "accept-language": "de" },
  });
  return exportConversation(request, { params: Promise.resolve({ id }) });
}

test("a conversation is exported as Markdown in the user's language and as JSON, by its owner only", async () => {
  const { id } = await insertConversation(database, owner, "Bäume", turns);
  const markdown = await download(owner, id, "markdown");
  expect(markdown.headers.get("content-disposition")).toMatch(
    /^attachment; filename="[\d-]+-B-ume-\w{8}\.md"; filename\*=UTF-8''[\d-]+-B%C3%A4ume-\w{8}\.md$/,
  );
  expect(await markdown.text()).toContain("## Sie\n\nWhat is a tree?");
  const json = conversationDocumentSchema.parse(await (await download(owner, id, "json")).json());
  expect(json).toMatchObject({ id, title: "Bäume", format: "parley.conversation", version: 1 });
  expect(json.messages).toHaveLength(2);
  const other = await newAccount(now());
  expect((await download(other, id, "json")).status).toBe(404);
  expect((await download(owner, id, "docx")).status).toBe(400);
});
