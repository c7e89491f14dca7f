import { monitorEventLoopDelay } from "node:perf_hooks";
import { sql } from "drizzle-orm";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { GET as download, DELETE as remove } from "#app/api/chat/attachments/[id]/route.ts";
import { POST as upload } from "#app/api/chat/attachments/route.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { maxFileBytes } from "#lib/chat/files/attachment-limits.ts";
import { deleteAttachments, purgeAttachments } from "#lib/chat/files/purge-attachments.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { checked } from "#tests/contract.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { makePdf, makePng } from "#tests/fixtures/sample-files.ts";
import { newAccount } from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

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

type Options = { user?: Identity; id?: string; name?: string; bytes?: number };

async function post(body: Buffer, options: Options = {}): Promise<Response> {
  const { user = owner, id = newId(), name = "file", bytes = body.length } = options;
  const query = new URLSearchParams({ id, name, bytes: String(bytes) });
  const url = `http://localhost:3000/api/chat/attachments?${query}`;
  const request = new Request(url, {
    method: "POST",
    headers: await headersOf(user),
    body: new Uint8Array(body),
  });
  return checked(upload)(request);
}

async function add(body: Buffer, options: Options = {}): Promise<string> {
  const response = await post(body, options);
  expect(response.status).toBe(200);
  // The route's own answer.
  return ((await response.json()) as { id: string }).id;
}

async function call(handler: typeof download | typeof remove, method: string, id: string, user = owner) {
  const request = new Request(`http://localhost:3000/api/chat/attachments/${id}`, {
    method,
    headers: await headersOf(user),
  });
  return checked(handler)(request, { params: Promise.resolve({ id }) });
}

const errorOf = async (response: Response) => {
  // The error format of the product.
  const body = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, code: body.error.code, message: body.error.message };
};

const rows = async () =>
  (await database.db.execute(sql`select id from attachments where workspace_id = ${owner.workspaceId}`))
    .length;

test("an uploaded image is stored without metadata and shown to its owner only", async () => {
  const png = makePng(64, 32, { text: "GPS 52.5 N" });
  const response = await post(png, { name: "../Übersicht.png" });
  const info: unknown = await response.json();
  expect(info).toMatchObject({ kind: "image", name: "Übersicht.png", width: 64, height: 32, tokens: 255 });
  // The route's own answer.
  const { id, bytes } = info as { id: string; bytes: number };
  const shown = await call(download, "GET", id);
  expect(shown.status).toBe(200);
  expect(shown.headers.get("content-type")).toBe("image/png");
  expect(shown.headers.get("content-disposition")).toMatch(
    /^inline; .*filename\*=UTF-8''%C3%9Cbersicht.png$/,
  );
  expect(shown.headers.get("content-security-policy")).toContain("sandbox");
  expect(Buffer.from(await shown.arrayBuffer()).equals(makePng(64, 32))).toBe(true);
  expect(bytes).toBe(makePng(64, 32).length);
  const stranger = await newAccount(now());
  expect((await call(download, "GET", id, stranger)).status).toBe(404);
  expect((await call(remove, "DELETE", id, stranger)).status).toBe(204);
  expect((await call(download, "GET", id)).status).toBe(200);
});

test("a document is only ever saved, and a text is never sent as HTML", async () => {
  const id = await add(Buffer.from("<script>alert(1)</script>"), { name: "page.html" });
  const saved = await call(download, "GET", id);
  expect(saved.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(saved.headers.get("content-disposition")).toBe('attachment; filename="page.html"');
});

test("a repeated upload with the same id returns the same file", async () => {
  const id = newId();
  const pdf = makePdf(["Hello"]);
  const first = await (await post(pdf, { id })).json();
  expect(await (await post(pdf, { id })).json()).toEqual(first);
  expect(await rows()).toBe(1);
  const stranger = await newAccount(now());
  expect(await errorOf(await post(pdf, { id, user: stranger }))).toMatchObject({ status: 409 });
});

test("refused files leave nothing and say why", async () => {
  expect(await errorOf(await post(Buffer.alloc(0)))).toMatchObject({
    status: 400,
    message: "This file is empty.",
  });
  expect(await errorOf(await post(Buffer.from([0, 1, 2, 3])))).toMatchObject({ status: 415 });
  expect(await errorOf(await post(makePdf(["x"], { encrypted: true })))).toMatchObject({
    status: 400,
    message: "This file is protected with a password. Save it without one and try again.",
  });
  expect(await errorOf(await post(Buffer.from("x"), { bytes: maxFileBytes + 1 }))).toMatchObject({
    status: 413,
    message: "This file is larger than 25 MB.",
  });
  expect(await errorOf(await post(Buffer.from("short"), { bytes: 10 }))).toMatchObject({ status: 400 });
  expect(await errorOf(await post(Buffer.from("longer than said"), { bytes: 3 }))).toMatchObject({
    status: 413,
  });
  expect(await rows()).toBe(0);
});

test("a plan's storage limits the files of a workspace, also of concurrent uploads", async () => {
  const mebibyte = 1_048_576;
  // Rows without bytes stand for stored files.
  await database.db.execute(sql`
    insert into attachments (id, workspace_id, user_id, name, bytes, created_at)
    values (${newId()}, ${owner.workspaceId}, ${owner.userId}, 'a', ${99 * mebibyte}, ${now().toISOString()})`);
  const text = Buffer.alloc(600 * 1_024, "word ");
  const results = await Promise.all([post(text), post(text)]);
  expect(results.map(({ status }) => status).sort()).toEqual([200, 413]);
  const refused = results.find(({ status }) => status === 413);
  if (refused === undefined) throw new Error("No upload was refused.");
  expect((await errorOf(refused)).message).toContain("100 MB");
});

test("a removed file is gone, and removing it again changes nothing", async () => {
  const id = await add(Buffer.from("text"));
  expect((await call(remove, "DELETE", id)).status).toBe(204);
  expect((await call(remove, "DELETE", id)).status).toBe(204);
  expect((await call(download, "GET", id)).status).toBe(404);
});

test("files that were not sent are deleted a day later, and all with their workspace", async () => {
  const id = await add(Buffer.from("text"));
  const day = 86_400_000;
  await purgeAttachments(new Date(now().getTime() + day - 60_000));
  expect(await rows()).toBe(1);
  await purgeAttachments(new Date(now().getTime() + day + 60_000));
  expect(await rows()).toBe(0);
  const chunks = await database.db.execute(sql`select from attachment_chunks where attachment_id = ${id}`);
  expect(chunks.length).toBe(0);
  await add(Buffer.from("text"));
  await deleteAttachments(owner.workspaceId);
  expect(await rows()).toBe(0);
});

test("a PDF of 10,000 pages is refused without blocking the server", async () => {
  const pdf = makePdf(Array.from({ length: 10_000 }, (_, page) => `Page ${page}`));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const response = await post(pdf);
  delay.disable();
  expect(await errorOf(response)).toMatchObject({ status: 413, code: "payload_too_large" });
  // Generous, because other processes use the machine; reading the file takes seconds.
  expect(delay.max / 1e6).toBeLessThan(400);
});
