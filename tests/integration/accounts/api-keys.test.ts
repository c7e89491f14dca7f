import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apiKeys, auditLog } from "#db/schema/accounts.ts";
import {
  createApiKey,
  findApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
  setAnswerCaching,
} from "#lib/accounts/api-keys.ts";
import { createUser } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const at = new Date("2026-10-01T12:00:00Z");
let database: TestDatabase;
const statements: string[] = [];
const plain: NewApiKey = { name: "Laptop", scopes: ["chat"], budgetMicros: null, expiresAt: null };

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

let owners = 0;
async function createOwner() {
  const created = await createUser(database.db, { email: `owner${owners++}@key.example`, name: "Owner" }, at);
  if (created === null) throw new Error("The owner exists already.");
  return created;
}

function later(ms: number): Date {
  return new Date(at.getTime() + ms);
}

test("findApiKey returns the key and its workspace in one query", async () => {
  const { userId, workspaceId } = await createOwner();
  const key: NewApiKey = { ...plain, scopes: ["chat", "usage"], budgetMicros: 5_000_000 };
  const { id, secret } = await createApiKey(database.db, workspaceId, userId, key, at);
  expect(secret).toMatch(/^parley_sk_[\w-]{43}$/);
  statements.length = 0;
  expect(await findApiKey(database.db, secret, at)).toEqual({
    apiKeyId: id,
    workspaceId,
    workspaceCreatedAt: at,
    freeCreditFrom: null,
    scopes: ["chat", "usage"],
    budgetMicros: 5_000_000,
    cachesAnswers: false,
  });
  expect(statements).toHaveLength(1);
});

test("the secret of a key is stored neither with the key nor in the audit log", async () => {
  const { userId, workspaceId } = await createOwner();
  const { id, secret } = await createApiKey(database.db, workspaceId, userId, plain, at);
  const [row] = await database.db.select().from(apiKeys).where(eq(apiKeys.id, id));
  const trail = await database.db.select().from(auditLog).where(eq(auditLog.workspaceId, workspaceId));
  expect(row?.prefix).toBe(secret.slice(0, 16));
  expect(JSON.stringify([row, trail])).not.toContain(secret.slice(16));
  expect(await findApiKey(database.db, row?.keyHash ?? "", at)).toBeNull();
});

test("a revoked key is rejected immediately, and creation and revocation are audited", async () => {
  const { userId, workspaceId } = await createOwner();
  const { id, secret } = await createApiKey(database.db, workspaceId, userId, plain, at);
  await revokeApiKey(database.db, workspaceId, userId, { id, typedName: "Laptop" }, at);
  expect(await findApiKey(database.db, secret, at)).toBeNull();
  expect(await listApiKeys(database.db, workspaceId, at)).toEqual([]);
  const trail = await database.db.select().from(auditLog).where(eq(auditLog.target, id));
  expect(trail.map(({ action }) => action)).toEqual(["api_key.created", "api_key.revoked"]);
});

test("revoking a key requires its name", async () => {
  const { userId, workspaceId } = await createOwner();
  const { id, secret } = await createApiKey(database.db, workspaceId, userId, plain, at);
  const typo = revokeApiKey(database.db, workspaceId, userId, { id, typedName: "Lapton" }, at);
  await expect(typo).rejects.toMatchObject({ code: "invalid_input", fields: [{ path: "typedName" }] });
  expect(await findApiKey(database.db, secret, at)).not.toBeNull();
});

test("a key of another workspace can be neither listed nor revoked", async () => {
  const mine = await createOwner();
  const theirs = await createOwner();
  const { id, secret } = await createApiKey(database.db, theirs.workspaceId, theirs.userId, plain, at);
  expect(await listApiKeys(database.db, mine.workspaceId, at)).toEqual([]);
  const attempt = revokeApiKey(database.db, mine.workspaceId, mine.userId, { id, typedName: "Laptop" }, at);
  expect(await attempt.catch((error: unknown) => toPublicError(error).code)).toBe("not_found");
  expect(await findApiKey(database.db, secret, at)).not.toBeNull();
});

test("a key is rejected after its expiry", async () => {
  const { userId, workspaceId } = await createOwner();
  const key = { ...plain, expiresAt: later(1_000) };
  const { secret } = await createApiKey(database.db, workspaceId, userId, key, at);
  expect(await findApiKey(database.db, secret, later(999))).not.toBeNull();
  expect(await findApiKey(database.db, secret, later(1_000))).toBeNull();
  expect(await listApiKeys(database.db, workspaceId, later(1_000))).toEqual([]);
});

test("the last use of a key is recorded once per minute", async () => {
  const { userId, workspaceId } = await createOwner();
  const { secret } = await createApiKey(database.db, workspaceId, userId, plain, at);
  const lastUsed = async () => (await listApiKeys(database.db, workspaceId, at))[0]?.lastUsedAt;
  expect(await lastUsed()).toBeNull();
  await findApiKey(database.db, secret, at);
  await findApiKey(database.db, secret, later(30_000));
  expect(await lastUsed()).toEqual(at);
  await findApiKey(database.db, secret, later(61_000));
  expect(await lastUsed()).toEqual(later(61_000));
});

test("a workspace has at most 50 valid keys", async () => {
  const { userId, workspaceId } = await createOwner();
  for (let count = 0; count < 50; count++) await createApiKey(database.db, workspaceId, userId, plain, at);
  const onceMore = createApiKey(database.db, workspaceId, userId, plain, at);
  expect(await onceMore.catch((error: unknown) => toPublicError(error).code)).toBe("conflict");
});

test("the response cache of a key is turned on only for its workspace, and each change is audited", async () => {
  const mine = await createOwner();
  const theirs = await createOwner();
  const { id, secret } = await createApiKey(database.db, mine.workspaceId, mine.userId, plain, at);
  const turnOn = (owner: typeof mine) =>
    setAnswerCaching(database.db, owner.workspaceId, owner.userId, { id, cachesAnswers: true }, later(1_000));
  await expect(turnOn(theirs)).rejects.toMatchObject({ code: "not_found" });
  expect(await findApiKey(database.db, secret, at)).toMatchObject({ cachesAnswers: false });
  await turnOn(mine);
  expect(await findApiKey(database.db, secret, at)).toMatchObject({ cachesAnswers: true });
  expect(await listApiKeys(database.db, mine.workspaceId, at)).toMatchObject([{ id, cachesAnswers: true }]);
  const trail = await database.db.select().from(auditLog).where(eq(auditLog.action, "api_key.updated"));
  expect(trail).toMatchObject([
    { actorUserId: mine.userId, workspaceId: mine.workspaceId, target: id, data: { cachesAnswers: true } },
  ]);
  await revokeApiKey(database.db, mine.workspaceId, mine.userId, { id, typedName: plain.name }, later(2_000));
  await expect(turnOn(mine)).rejects.toMatchObject({ code: "not_found" });
});
