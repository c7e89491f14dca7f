import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { recordOwnCall } from "#lib/usage/interactions.ts";
import { type RequestLine, readUsage, recentRequests } from "#lib/usage/reports.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { interaction, newWorkspace, rates } from "#tests/integration/usage/workspace.ts";

const noKey = "00000000-0000-0000-0000-000000000000";
const march = { from: "2026-03-01", to: "2026-03-31" };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function newKey(workspaceId: string): Promise<string> {
  const [owner] = await database.sql<{ id: string }[]>`
    select user_id as id from members where workspace_id = ${workspaceId}`;
  const input = { name: "A program", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  const at = new Date("2026-03-01T00:00:00Z");
  return (await createApiKey(database.db, workspaceId, owner?.id ?? "", input, at)).id;
}

/** Takes and settles a hold; a token costs one micro-USD. */
async function spend(
  workspaceId: string,
  when: string,
  model: string,
  [promptTokens, completionTokens]: [number, number],
  apiKeyId: string | null = null,
): Promise<void> {
  const at = new Date(when);
  const holdId = randomUUID();
  const expiresAt = new Date(at.getTime() + 3_600_000);
  const credit = {
    kind: "allowance" as const,
    amountMicros: 1_000,
    startsAt: at,
    expiresAt,
    sourceKey: holdId,
  };
  await grantCredit(database.db, workspaceId, credit, at);
  const subject = { holdId, subjectId: holdId, subjectKind: "request" as const, model, rates, at, expiresAt };
  await takeHold(database.db, workspaceId, { ...subject, amountMicros: 900, minimumMicros: 900 });
  const usage = { promptTokens, cachedTokens: 0, completionTokens };
  const settlement = { usage, estimated: false, at, apiKeyId, interaction };
  const { chargedMicros } = await settleHold(database.db, workspaceId, holdId, settlement);
  expect(chargedMicros).toBe(promptTokens + completionTokens);
}

describe("readUsage", () => {
  let ours: string;
  let key: string;
  beforeAll(async () => {
    ours = await newWorkspace(database);
    key = await newKey(ours);
    await spend(ours, "2026-02-28T23:59:59.999Z", "small", [1, 1]);
    await spend(ours, "2026-03-01T00:00:00.000Z", "small", [10, 5]);
    await spend(ours, "2026-03-01T23:59:59.999Z", "large", [100, 50], key);
    await spend(ours, "2026-03-31T12:00:00.000Z", "small", [20, 7], key);
    await spend(ours, "2026-04-01T00:00:00.000Z", "small", [1, 1]);
    const theirs = await newWorkspace(database);
    await spend(theirs, "2026-03-01T12:00:00.000Z", "small", [300, 300], await newKey(theirs));
  });

  const row = (group: string, requests: number, promptTokens: number, completionTokens: number) => ({
    group,
    requests,
    promptTokens,
    completionTokens,
    chargedMicros: promptTokens + completionTokens,
  });

  test("readUsage sums a workspace's days in UTC, with the whole first and last day", async () => {
    expect(await readUsage(database.db, ours, march, "day")).toEqual([
      row("2026-03-01", 2, 110, 55),
      row("2026-03-31", 1, 20, 7),
    ]);
  });

  test("readUsage by model lists the most expensive model first", async () => {
    expect(await readUsage(database.db, ours, march, "model")).toEqual([
      row("large", 1, 100, 50),
      row("small", 2, 30, 12),
    ]);
  });

  test("readUsage by key separates API keys from the chat", async () => {
    expect(await readUsage(database.db, ours, march, "key")).toEqual([
      row(key, 2, 120, 57),
      row(noKey, 1, 10, 5),
    ]);
  });

  test("readUsage returns no rows for a period without usage", async () => {
    expect(await readUsage(database.db, ours, { from: "2026-05-01", to: "2026-05-31" }, "day")).toEqual([]);
  });
});

describe("recentRequests", () => {
  /**
   * Eight groups of three requests in the same millisecond, because a page may end between any two of them.
   */
  const moments = Array.from({ length: 24 }, (_, n) => new Date(1_772_400_000_123 + Math.floor(n / 3)));
  let ours: string;
  let key: string;
  let theirs: string;
  const log = (workspaceId: string, at: Date, over: object = {}) => {
    const tokens = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, estimated: false };
    const call = { ...interaction, ...tokens, model: "small", costMicros: 0, apiKeyId: null, at, ...over };
    return recordOwnCall(database.db, workspaceId, call);
  };
  beforeAll(async () => {
    ours = await newWorkspace(database);
    theirs = await newWorkspace(database);
    key = await newKey(ours);
    for (const [index, at] of moments.entries()) {
      await log(ours, at, { apiKeyId: index === 23 ? key : null, promptTokens: index });
      await log(theirs, at, { promptTokens: 999 });
      await log(ours, at, { purpose: "title", promptTokens: 888 });
    }
  });

  async function readPages(limit: number, betweenPages: () => Promise<void> = async () => {}) {
    const lines: RequestLine[] = [];
    for (;;) {
      const page = await recentRequests(database.db, ours, { limit, before: lines.at(-1) });
      expect(page.length).toBeLessThanOrEqual(limit);
      if (page.length === 0) return lines;
      lines.push(...page);
      await betweenPages();
    }
  }
  const numbers = (lines: RequestLine[]) =>
    lines.map(({ promptTokens }) => promptTokens).sort((a, b) => a - b);
  const everyNumber = moments.map((_, index) => index);

  test("recentRequests lists a workspace's requests newest first, without title calls", async () => {
    const lines = await recentRequests(database.db, ours, { limit: 100 });
    expect(numbers(lines)).toEqual(everyNumber);
    expect(lines.map(({ at }) => at.getTime())).toEqual(moments.map((at) => at.getTime()).reverse());
    expect(lines.find(({ promptTokens }) => promptTokens === 23)?.keyName).toBe("A program");
    expect(lines.filter(({ keyName }) => keyName === null)).toHaveLength(23);
  });

  test.each([1, 2, 3, 5, 7, 24, 25])("in pages of %i have no gap and no repeat", async (limit) => {
    const lines = await readPages(limit);
    expect(numbers(lines)).toEqual(everyNumber);
    expect(lines).toEqual(await recentRequests(database.db, ours, { limit: 100 }));
  });

  test("recentRequests pages are stable while new requests arrive", async () => {
    const later = new Date(1_772_500_000_000);
    const lines = await readPages(5, () => log(ours, later, { purpose: "api", promptTokens: 777 }));
    expect(numbers(lines)).toEqual(everyNumber);
  });
});
