import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { GET } from "#app/api/account/exports/[id]/route.ts";
import { connect } from "#db/client.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import {
  appendExportChunk,
  beginExportRun,
  ExportSuperseded,
  failStuckExports,
  maxExportAttempts,
} from "#lib/accounts/data-exports/build-run.ts";
import {
  purgeDataExports,
  readDataExport,
  requestDataExport,
} from "#lib/accounts/data-exports/data-exports.ts";
import { createSession, type Identity } from "#lib/accounts/sessions.ts";
import { conversationDocumentSchema } from "#lib/chat/portability/conversation-format.ts";
import { now, shiftClock } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { buildDataExport } from "#lib/jobs/data-export/build-data-export.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { identityOf, newAccount } from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { listEmails, readEmailToken } from "#tests/integration/accounts/read-emails.ts";
import { insertConversation } from "#tests/integration/personal-data/insert-conversation.ts";
import { readZip } from "#tests/integration/personal-data/read-zip.ts";

const dayMs = 86_400_000;
let database: TestDatabase;
let owner: Identity;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
beforeEach(async () => {
  shiftClock(0);
  owner = await newAccount(now());
});
afterAll(async () => {
  shiftClock(0);
  await database.drop();
});

/** Downloads like a browser. */
async function download(user: Identity, id: string, token?: string): Promise<Response> {
  const salt = sessionCookieName();
  const claims = { userId: user.userId, sessionId: user.sessionId };
  const value = await encode({ token: claims, secret: env().AUTH_SECRET, salt, maxAge: 600 });
  const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
  const request = new Request(`http://localhost:3000/api/account/exports/${id}${query}`, {
    headers: { cookie: `${salt}=${value}` },
  });
  return GET(request, { params: Promise.resolve({ id }) });
}

const readToken = () => readEmailToken(database.db, owner.email, /ready to download/);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

async function build(user: Identity): Promise<string> {
  const { id } = await requestDataExport(user, now());
  await buildDataExport(id);
  return id;
}

test("an archive contains everything about its owner as JSON, Markdown and CSV, and nothing of others", async () => {
  const other = await newAccount(now());
  await insertConversation(database, other, "Someone else’s secret", [{ text: "not yours" }]);
  await insertConversation(database, owner, "Ümläute / and: slashes?", [
    { text: "What is a tree?" },
    { text: "A graph **without** cycles." },
  ]);
  await insertConversation(database, owner, "Deleted yesterday", [{ text: "still there for 30 days" }], true);
  const projectId = newId();
  await database.sql`insert into projects (id, workspace_id, user_id, name, position, created_at)
    values (${projectId}, ${owner.workspaceId}, ${owner.userId}, 'Garden', 1, now())`;
  await database.sql`update conversations set project_id = ${projectId}
    where user_id = ${owner.userId} and deleted_at is null`;
  await database.sql`insert into chat_preferences (user_id, favorite_models, parameters)
    values (${owner.userId}, '{gpt-5-mini}', '{"effort": "low"}')`;
  await database.sql`insert into message_ratings (message_id, user_id, model, rating, reason, rated_at)
    select m.id, ${owner.userId}, m.model, 'down', 'incorrect', now() from messages m join conversations c on c.id = m.conversation_id
    where c.user_id = ${owner.userId} and m.role = 'assistant'`;
  const key = { name: "=robot", scopes: ["chat" as const], budgetMicros: 5_000_000, expiresAt: null };
  const { secret } = await createApiKey(database.db, owner.workspaceId, owner.userId, key, now());
  const grant = { kind: "manual" as const, amountMicros: 2_500_000, startsAt: now(), sourceKey: "gift" };
  const expiresAt = new Date(now().getTime() + dayMs);
  await grantCredit(database.db, owner.workspaceId, { ...grant, expiresAt }, now());
  await database.sql`insert into invoices (id, workspace_id, number, status, currency, total_cents, amount_paid_cents,
      amount_due_cents, period_start, period_end, created_at, synced_at)
    values ('in_export', ${owner.workspaceId}, 'A-1', 'paid', 'usd', 1900, 1900, 0, now(), now(), now(), now())`;
  await database.sql`insert into openai_interactions (id, workspace_id, user_id, purpose, model, upstream, prompt_tokens,
      completion_tokens, cost_micros, charged_micros, duration_ms, outcome, at)
    values (${newId()}, ${owner.workspaceId}, ${owner.userId}, 'chat', 'gpt-5-mini', 'u', 11, 22, 1, 42, 5, 'done', now())`;
  const id = await build(owner);
  const response = await download(owner, id, await readToken());
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/zip");
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="export-[\d-]+\.zip"$/);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const bytes = await bytesOf(response);
  expect(bytes).toHaveLength(Number(response.headers.get("content-length")));
  const files = await readZip(bytes);
  const file = (pattern: RegExp) => {
    const path = [...files.keys()].find((name) => pattern.test(name)) ?? "";
    return files.get(path) ?? "";
  };
  expect([...files.keys()].filter((path) => !path.startsWith("conversations/"))).toEqual([
    "README.md",
    "profile.json",
    "security/sessions.csv",
    "security/sign-in-methods.json",
    "security/events.json",
    "audit-log.json",
    "emails.csv",
    "usage/requests.csv",
    "billing/details.json",
    "billing/invoices.csv",
    "billing/invoice-lines.csv",
    "billing/payments.csv",
    "billing/credit.csv",
    "billing/ledger.csv",
    "usage/daily.csv",
    "api-keys.csv",
    "files/index.csv",
  ]);
  expect(JSON.parse(file(/profile/)).chat).toEqual({
    favoriteModels: ["gpt-5-mini"],
    parameters: { effort: "low" },
  });
  expect(JSON.parse(file(/profile/)).user).toMatchObject({ email: owner.email, hasPassword: true });
  expect(JSON.parse(file(/^audit-log/)).map(({ action }: { action: string }) => action)).toEqual([
    "api_key.created",
    "data_export.requested",
  ]);
  expect(file(/api-keys/)).toContain(`'=robot,${secret.slice(0, 16)}`);
  expect(file(/invoices\.csv/)).toContain("in_export,A-1,paid,usd,19,19,0");
  expect(file(/ledger/)).toContain("2.500000");
  expect(file(/requests\.csv/)).toContain("gpt-5-mini,11,22,false,0.000042");
  const document = conversationDocumentSchema.parse(JSON.parse(file(/Ümläute-and-slashes-.*\.json/)));
  expect(document.messages.map(({ parts }) => parts)).toEqual([
    [{ type: "text", text: "What is a tree?" }],
    [{ type: "text", text: "A graph **without** cycles." }],
  ]);
  expect(file(/Ümläute-and-slashes-.*\.md/)).toMatch(
    /^# Ümläute \/ and: slashes\?\n\n[^\n]+\n\n## You\n\nWhat is a tree\?\n\n## [^\n]+\n\nA graph \*\*without\*\* cycles\.\n$/,
  );
  expect(file(/conversations\/index\.csv/)).toMatch(/Ümläute[^\n]*,Garden,gpt-5-mini,/);
  expect(file(/ratings\.csv/)).toMatch(/,gpt-5-mini,down,incorrect,/);
  expect(file(/Deleted-yesterday-.*\.json/)).toContain("still there for 30 days");
  const all = [...files.entries()].flat().join("\n");
  expect(all).not.toContain("not yours");
  expect(all).not.toContain("Someone else");
  expect(all).not.toContain(secret);
  expect(all).not.toContain("$argon2");
  const actions = await database.sql<{ action: string }[]>`
    select action from audit_log where target = ${id} order by id`;
  expect(actions.map(({ action }) => action)).toEqual([
    "data_export.requested",
    "data_export.completed",
    "data_export.downloaded",
  ]);
});

test("Markdown contains the shown branch, JSON the whole tree, over many pages", async () => {
  const turns = Array.from({ length: 251 }, (_, index) => ({ text: `turn ${index}` }));
  const { id, ids } = await insertConversation(database, owner, "Long", turns);
  const sibling = newId();
  await database.sql`insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, created_at)
    values (${sibling}, ${owner.workspaceId}, ${id}, ${ids[248] ?? ""}, 'assistant',
      ${JSON.stringify([{ type: "text", text: "another branch" }])}::text::jsonb, 'another branch', now())`;
  const files = await readZip(await bytesOf(await download(owner, await build(owner))));
  const [json, markdown] = ["json", "md"].map(
    (end) => [...files].find(([path]) => path.includes("-Long-") && path.endsWith(end))?.[1] ?? "",
  );
  const document = conversationDocumentSchema.parse(JSON.parse(json ?? ""));
  expect(document.messages).toHaveLength(252);
  expect(new Set(document.messages.map(({ id }) => id))).toEqual(new Set([...ids, sibling]));
  expect(markdown?.match(/turn \d+/g)).toEqual(turns.map(({ text }) => text));
  expect(markdown).not.toContain("another branch");
});

test("a repeated request returns the archive that is being built, and progress is shown", async () => {
  for (let index = 0; index < 3; index += 1)
    await insertConversation(database, owner, `C${index}`, [{ text: "x" }]);
  const first = await requestDataExport(owner, now());
  const again = await Promise.all([1, 2, 3].map(() => requestDataExport(owner, now())));
  expect(again.map(({ id }) => id)).toEqual([first.id, first.id, first.id]);
  const [jobs] = await database.sql`
    select count(*)::int as count from pgboss.job where name = 'account.export' and singleton_key = ${first.id}`;
  expect(jobs?.count).toBe(1);
  expect(await readDataExport(database.db, owner.userId, now())).toMatchObject({ status: "waiting" });
  await buildDataExport(first.id);
  const done = await readDataExport(database.db, owner.userId, now());
  expect(done).toMatchObject({ status: "ready", id: first.id });
  expect(done?.stepsDone).toBe(done?.stepsTotal);
  expect(done?.stepsTotal).toBeGreaterThan(3);
  // Running the job again changes nothing and sends no second email.
  await buildDataExport(first.id);
  const emails = await listEmails(database.db, owner.email);
  expect(emails.filter(({ subject }) => subject.includes("ready to download"))).toHaveLength(1);
});

test("only its owner downloads an archive, by the emailed link or with a fresh proof, for seven days", async () => {
  const id = await build(owner);
  const token = await readToken();
  const [row] = await database.sql`select token_hash as hash from data_exports where id = ${id}`;
  expect(row?.hash).not.toBe(token);
  const other = await newAccount(now());
  const status = async (user: Identity, given?: string) => (await download(user, id, given)).status;
  expect(await status(other, token)).toBe(404);
  expect(await status(owner, "wrong")).toBe(404);
  expect(await status(owner)).toBe(200);
  const anonymous = await GET(new Request(`http://localhost:3000/api/account/exports/${id}?token=${token}`), {
    params: Promise.resolve({ id }),
  });
  expect(anonymous.status).toBe(401);
  // Later in the session: the link still opens it, the session alone does not.
  shiftClock(11 * 60_000);
  expect(await status(owner)).toBe(403);
  expect(await status(owner, token)).toBe(200);
  shiftClock(7 * dayMs + 60_000);
  const later = await identityOf(
    await createSession(database.db, { userId: owner.userId, userAgent: null }, now()),
    now(),
  );
  expect(await status(later, token)).toBe(404);
  expect(await readDataExport(database.db, owner.userId, now())).toBeNull();
  expect(await purgeDataExports(now())).toBeGreaterThan(0);
  const [left] = await database.sql`
    select (select count(*)::int from data_exports where id = ${id}) as exports,
      (select count(*)::int from data_export_chunks where export_id = ${id}) as chunks`;
  expect(left).toEqual({ exports: 0, chunks: 0 });
  const [audit] = await database.sql`
    select count(*)::int as count from audit_log where action = 'data_export.purged' and target = ${id}`;
  expect(audit?.count).toBe(1);
});

test("a newer archive replaces the older one, and a user gets a few per day", async () => {
  const older = await build(owner);
  const olderToken = await readToken();
  const newer = await build(owner);
  expect((await download(owner, older, olderToken)).status).toBe(404);
  expect((await download(owner, newer)).status).toBe(200);
  await build(owner);
  await expect(requestDataExport(owner, now())).rejects.toMatchObject({ code: "too_many_requests" });
});

test("a run that was taken over by a later one writes nothing more", async () => {
  const { id } = await requestDataExport(owner, now());
  const stale = await beginExportRun(id);
  if (stale === null) throw new Error("The export did not begin.");
  await appendExportChunk(stale, 0, Buffer.from("stale bytes"));
  await buildDataExport(id);
  await expect(appendExportChunk(stale, 99, Buffer.from("x"))).rejects.toBeInstanceOf(ExportSuperseded);
  const files = await readZip(await bytesOf(await download(owner, id)));
  expect(files.has("profile.json")).toBe(true);
  expect(await beginExportRun(id)).toBeNull();
});

test("an archive that fails at every attempt is given up, its owner is told, and it can be requested again", async () => {
  const { id } = await requestDataExport(owner, now());
  const tableOwner = connect(database.ownerUrl, { max: 1 }).sql;
  await tableOwner`alter table data_export_chunks add constraint broken check (seq < 0) not valid`;
  try {
    for (let attempt = 1; attempt <= maxExportAttempts; attempt += 1)
      await expect(buildDataExport(id)).rejects.toThrow();
  } finally {
    await tableOwner`alter table data_export_chunks drop constraint broken`;
    await tableOwner.end();
  }
  expect(await readDataExport(database.db, owner.userId, now())).toMatchObject({ status: "failed" });
  await buildDataExport(id);
  const [email] = await listEmails(database.db, owner.email);
  expect(email?.subject).toContain("couldn’t prepare");
  expect((await requestDataExport(owner, now())).status).toBe("waiting");
});

test("an archive whose job was lost is given up after a day", async () => {
  await requestDataExport(owner, now());
  expect(await failStuckExports(new Date(now().getTime() + dayMs - 60_000))).toBe(0);
  expect(await failStuckExports(new Date(now().getTime() + dayMs + 60_000))).toBeGreaterThan(0);
  expect(await readDataExport(database.db, owner.userId, now())).toMatchObject({ status: "failed" });
});

test("an archive of an account that is deleted while it is built ends quietly", async () => {
  const { id } = await requestDataExport(owner, now());
  const run = await beginExportRun(id);
  await database.sql`delete from members where user_id = ${owner.userId}`;
  await buildDataExport(id);
  expect(run).not.toBeNull();
  expect(await listEmails(database.db, owner.email)).toEqual([]);
});
