import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as getOwnUsageRoute } from "#app/api/openai/usage/route.ts";
import { GET as getUsageRoute } from "#app/api/v1/usage/route.ts";
import { type ApiKeyScope, createApiKey } from "#lib/accounts/api-keys.ts";
import { checked } from "#tests/contract.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { newWorkspace } from "#tests/integration/usage/workspace.ts";

const getOwnUsage = checked(getOwnUsageRoute);
const getUsage = checked(getUsageRoute);

let database: TestDatabase;
let key: { id: string; secret: string };

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  const ours = await newWorkspace(database);
  const theirs = await newWorkspace(database);
  key = await newKey(ours, ["usage"]);
  const day = "2026-03-02";
  await database.sql`
    insert into usage_daily (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros, charged_micros)
    values (${ours}, ${day}, 'small', ${key.id}, 2, 30, 12, 1, 42), (${theirs}, ${day}, 'small', ${key.id}, 9, 9, 9, 9, 9)`;
});
afterAll(() => database.drop());

async function newKey(workspaceId: string, scopes: ApiKeyScope[]) {
  const [owner] = await database.sql<{ id: string }[]>`
    select user_id as id from members where workspace_id = ${workspaceId}`;
  const input = { name: "A program", scopes, budgetMicros: null, expiresAt: null };
  return createApiKey(database.db, workspaceId, owner?.id ?? "", input, new Date("2026-03-01T00:00:00Z"));
}

const ask = (query: string, headers: Record<string, string> = {}, secret = key.secret) =>
  getUsage(
    new Request(`http://localhost:3000/api/v1/usage?${query}`, {
      headers: { authorization: `Bearer ${secret}`, ...headers },
    }),
  );
const used = { requests: 2, promptTokens: 30, completionTokens: 12, chargedMicros: 42 };

test("an API key reads the usage of its workspace, with every day of the period once", async () => {
  const none = { requests: 0, promptTokens: 0, completionTokens: 0, chargedMicros: 0 };
  const response = await ask("from=2026-03-01&to=2026-03-03");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    from: "2026-03-01",
    to: "2026-03-03",
    group: "day",
    data: [
      { group: "2026-03-01", ...none },
      { group: "2026-03-02", ...used },
      { group: "2026-03-03", ...none },
    ],
  });
});

test("usage by key and by model has the same sum", async () => {
  for (const [group, name] of [["key", key.id] as const, ["model", "small"] as const]) {
    const response = await ask(`from=2026-03-01&to=2026-03-03&group=${group}`);
    expect((await response.json()).data).toEqual([{ group: name, ...used }]);
  }
});

test("a client that accepts CSV gets a file with one line per model", async () => {
  const response = await ask("from=2026-03-01&to=2026-03-03&group=model", { accept: "text/csv" });
  expect(response.headers.get("content-type")).toContain("text/csv");
  expect(response.headers.get("content-disposition")).toContain("usage-model-2026-03-01-2026-03-03.csv");
  const lines = (await response.text()).trim().split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("small,2,30,12");
});

test("a period that is reversed, too long or not a date is refused", async () => {
  for (const query of ["from=2026-03-03&to=2026-03-01", "from=2020-01-01&to=2026-03-01", "from=yesterday"]) {
    expect((await ask(query)).status, query).toBe(400);
  }
});

test("usage requires a scope, a key or a session", async () => {
  const chatOnly = await newKey(await newWorkspace(database), ["chat"]);
  expect((await ask("", {}, chatOnly.secret)).status).toBe(403);
  expect((await ask("", {}, "parley_sk_unknown")).status).toBe(401);
  expect((await getOwnUsage(new Request("http://localhost:3000/api/openai/usage"))).status).toBe(401);
});
