import { randomBytes } from "node:crypto";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ZipFile } from "yazl";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { GET as exportConversation } from "#app/api/conversations/[id]/export/route.ts";
import { POST as upload } from "#app/api/conversations/imports/route.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { type ChatImport, purgeImports, readImport } from "#lib/chat/portability/import/imports.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { importChats } from "#lib/jobs/import-chats.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { newAccount } from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { insertConversation } from "#tests/integration/personal-data/insert-conversation.ts";

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

async function headersOf(user: Identity): Promise<Record<string, string>> {
  const salt = sessionCookieName();
  const token = { userId: user.userId, sessionId: user.sessionId };
  const value = await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 600 });
  return { cookie: `${salt}=${value}`, origin: env().APP_URL };
}

async function post(body: Buffer | string, user = owner, id = newId()): Promise<Response> {
  const url = `http://localhost:3000/api/conversations/imports?id=${id}&fileName=file.json`;
  const bytes = new Uint8Array(Buffer.from(body));
  return upload(new Request(url, { method: "POST", headers: await headersOf(user), body: bytes }));
}

/** Uploads a file, runs the job, and returns the import's result. */
async function importFile(body: Buffer | string, user = owner): Promise<ChatImport> {
  const response = await post(body, user);
  expect(response.status).toBe(200);
  // The route's own answer.
  const started = (await response.json()) as ChatImport;
  await importChats(started.id);
  const ended = await readImport(database.db, user);
  if (ended === null) throw new Error("There is no import.");
  return ended;
}

const counts = ({ status, problem, added, updated, unchanged, skipped }: ChatImport) => ({
  status,
  problem,
  added,
  updated,
  unchanged,
  skipped,
});
const done = { status: "done", problem: null, added: 0, updated: 0, unchanged: 0, skipped: 0 };

async function toZip(files: Record<string, Buffer | string>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path);
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

const claude = (uuid: string, texts: string[]) => ({
  uuid,
  name: `Chat ${uuid}`,
  created_at: "2025-03-01T10:00:00Z",
  updated_at: "2025-03-02T10:00:00Z",
  chat_messages: texts.map((text, index) => ({
    uuid: `${uuid}-${index}`,
    sender: index % 2 === 0 ? "human" : "assistant",
    text,
    created_at: `2025-03-01T10:0${index}:00Z`,
  })),
});

async function listOwn(user = owner) {
  return database.sql<{ id: string; title: string }[]>`
    select id, title from conversations where user_id = ${user.userId} and deleted_at is null order by title`;
}

const readOwn = (id: string, user = owner) =>
  readConversation(database.db, user.workspaceId, user.userId, id);

test("a file is imported once however often it is uploaded, and a newer one adds its messages", async () => {
  const file = JSON.stringify([
    claude("a", ["Hi", "Hello"]),
    claude("b", ["Why?", "Because."]),
    { title: "?" },
  ]);
  expect(counts(await importFile(file))).toEqual({ ...done, added: 2, skipped: 1 });
  expect(counts(await importFile(file))).toEqual({ ...done, unchanged: 2, skipped: 1 });
  const newer = JSON.stringify([claude("a", ["Hi", "Hello", "And now?"]), claude("b", ["Why?", "Because."])]);
  expect(counts(await importFile(newer))).toEqual({ ...done, updated: 1, unchanged: 1 });
  const [first] = await listOwn();
  const conversation = await readOwn(first?.id ?? "");
  expect(conversation.messages.map(({ role, text }) => [role, text])).toEqual([
    ["user", "Hi"],
    ["assistant", "Hello"],
    ["user", "And now?"],
  ]);
  expect(conversation.activeLeafId).toBe(conversation.messages[2]?.id);
  expect(await listOwn()).toHaveLength(2);
  const audit = await database.sql`
    select action from audit_log where workspace_id = ${owner.workspaceId} and action like 'chat_import.%' order by id`;
  expect(audit.map(({ action }) => action)).toEqual(
    [1, 2, 3].flatMap(() => ["chat_import.started", "chat_import.done"]),
  );
  const [chunks] = await database.sql`select count(*)::int as count from chat_import_chunks`;
  expect(chunks?.count).toBe(0);
});

test("two users import the same file without meeting, and a deleted chat comes back", async () => {
  const other = await newAccount(now());
  const file = JSON.stringify([claude("same", ["Hi", "Hello"])]);
  await importFile(file);
  expect(counts(await importFile(file, other))).toEqual({ ...done, added: 1 });
  const [own] = await listOwn();
  const [theirs] = await listOwn(other);
  expect(own?.id).not.toBe(theirs?.id);
  expect((await readOwn(theirs?.id ?? "", other)).messages.map(({ text }) => text)).toEqual(["Hi", "Hello"]);
  await database.sql`update conversations set deleted_at = now() where id = ${own?.id ?? ""}`;
  expect(counts(await importFile(file))).toEqual({ ...done, updated: 1 });
  expect(await listOwn()).toHaveLength(1);
});

test("Parley's own export comes back as the same tree, and meets itself in the account it came from", async () => {
  const { id, ids } = await insertConversation(database, owner, "Trees", [
    { text: "What is a tree? 🌳" },
    { text: "A graph." },
    { text: "Another answer.", role: "assistant" },
  ]);
  await database.sql`update messages set parent_id = ${ids[0] ?? ""} where id = ${ids[2] ?? ""}`;
  const request = new Request(`http://localhost:3000/api/conversations/${id}/export?format=json`, {
    headers: await headersOf(owner),
  });
  const json = await (await exportConversation(request, { params: Promise.resolve({ id }) })).text();
  expect(counts(await importFile(json))).toEqual({ ...done, unchanged: 1 });
  const other = await newAccount(now());
  expect(counts(await importFile(json, other))).toEqual({ ...done, added: 1 });
  const [copy] = await listOwn(other);
  const shape = ({ messages, activeLeafId, title }: Awaited<ReturnType<typeof readOwn>>) => {
    const texts = new Map(messages.map((message) => [message.id, message.text]));
    return {
      title,
      leaf: texts.get(activeLeafId ?? ""),
      messages: messages.map(({ parentId, role, text, model }) => [
        texts.get(parentId ?? ""),
        role,
        text,
        model,
      ]),
    };
  };
  expect(shape(await readOwn(copy?.id ?? "", other))).toEqual(shape(await readOwn(id)));
  expect((await readOwn(copy?.id ?? "", other)).messages.map((message) => message.id)).not.toContain(ids[0]);
});

test("an archive is read like its files, and other files in it are ignored", async () => {
  const zip = await toZip({
    "user.json": "{}",
    "conversations.json": JSON.stringify([claude("z1", ["One", "Two"])]),
    "export/conversations/z2.json": JSON.stringify(claude("z2", ["Three", "Four"])),
    "picture.png": randomBytes(1_000),
  });
  expect(counts(await importFile(zip))).toEqual({ ...done, added: 2 });
});

test.each([
  ["text", Buffer.from("Dear diary"), "malformed"],
  ["JSON that breaks off", Buffer.from('[{"uuid": "a"'), "malformed"],
  ["JSON with a broken element", Buffer.from("[{broken}]"), "malformed"],
  ["JSON of something else", Buffer.from('[{"price": 3}]'), "unsupported"],
  ["an archive that breaks off", Buffer.concat([Buffer.from("PK\x03\x04"), randomBytes(200)]), "malformed"],
])("%s is refused with its reason", async (_what, body, problem) => {
  expect(await importFile(body)).toMatchObject({ status: "failed", problem });
});

test("an archive without chats is refused, and one that lies about its size is not unpacked", async () => {
  expect(await importFile(await toZip({ "notes.txt": "x" }))).toMatchObject({ problem: "unsupported" });
  const bomb = await toZip({ "conversations.json": Buffer.alloc(5_000_000, "[") });
  expect(await importFile(bomb)).toMatchObject({ status: "failed", problem: "malformed" });
  const lying = Buffer.from(bomb);
  // The uncompressed size in the central directory, which readers believe.
  lying.writeUInt32LE(10, lying.lastIndexOf(Buffer.from("PK\x01\x02")) + 24);
  expect(await importFile(lying)).toMatchObject({ status: "failed", problem: "malformed" });
});

test("hostile texts are stored as text, and a tree of thousands of messages is read", async () => {
  const texts = Array.from({ length: 2_000 }, (_, index) => `turn ${index}`);
  texts[0] = "a NUL \u0000 and half a pair \ud800";
  expect(counts(await importFile(JSON.stringify([claude("long", texts)])))).toEqual({ ...done, added: 1 });
  const [own] = await listOwn();
  const { messages } = await readOwn(own?.id ?? "");
  expect(messages).toHaveLength(2_000);
  expect(messages.map(({ text }) => text)).toContain("a NUL  and half a pair \ufffd");
});

test("a repeated upload starts one import, and a second file waits for the first", async () => {
  const file = JSON.stringify([claude("r", ["Hi", "Hello"])]);
  const id = newId();
  expect((await post(file, owner, id)).status).toBe(200);
  expect((await post(file, owner, id)).status).toBe(200);
  expect((await post(file)).status).toBe(409);
  const [jobs] = await database.sql`
    select count(*)::int as count from pgboss.job where name = 'chat.import' and singleton_key = ${id}`;
  expect(jobs?.count).toBe(1);
  await importChats(id);
  await importChats(id);
  expect(await listOwn()).toHaveLength(1);
  expect((await post(file)).status).toBe(200);
  const anonymous = await upload(
    new Request(`http://localhost:3000/api/conversations/imports?id=${newId()}&fileName=a`, {
      method: "POST",
      headers: { origin: env().APP_URL },
      body: "[]",
    }),
  );
  expect(anonymous.status).toBe(401);
  expect(await purgeImports(new Date(now().getTime() + 31 * 86_400_000))).toBeGreaterThan(0);
});
