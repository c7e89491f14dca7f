import { afterAll, beforeAll, expect, test } from "vitest";
import { recordAudit } from "#lib/accounts/audit.ts";
import { now } from "#lib/core/clock.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { newWorkspace } from "#tests/integration/usage/workspace.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const workspaceId = await newWorkspace(database);
  const at = now();
  const grant = { kind: "manual" as const, amountMicros: 5, startsAt: at, sourceKey: "test" };
  await grantCredit(database.db, workspaceId, { ...grant, expiresAt: new Date(at.getTime() + 1_000) }, at);
  await recordAudit(
    database.db,
    { action: "api_key.created", actorUserId: null, workspaceId, target: "t" },
    at,
  );
});
afterAll(() => database.drop());

test.each([
  ["ledger_entries", "amount_micros = 0"],
  ["audit_log", "action = 'nothing'"],
])("S7, M4: rows of %s cannot be changed, deleted or truncated", async (table, change) => {
  const count = async () => (await database.sql.unsafe(`select * from ${table}`)).length;
  const before = await count();
  expect(before).toBeGreaterThan(0);
  const statements = [`update ${table} set ${change}`, `delete from ${table}`, `truncate ${table} cascade`];
  for (const statement of statements)
    await expect(database.sql.unsafe(statement)).rejects.toThrow(`${table} is append-only`);
  expect(await count()).toBe(before);
});
