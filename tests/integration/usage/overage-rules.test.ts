import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBalance } from "#lib/usage/balance.ts";
import { clawBack, grantCredit } from "#lib/usage/grants.ts";
import { releaseHold, takeHold } from "#lib/usage/holds.ts";
import { closeOverage, openOverage, readOverageWindow } from "#lib/usage/overage.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { interaction, newWorkspace, rates, sumsOf } from "#tests/integration/usage/workspace.ts";

const start = new Date("2026-03-01T00:00:00Z");
const at = (days: number) => new Date(start.getTime() + days * 86_400_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const open = (workspaceId: string, capMicros: number, from = 0, to = 30) =>
  openOverage(database.db, workspaceId, { startsAt: at(from), endsAt: at(to), capMicros });

const give = (workspaceId: string, amountMicros: number, from = 0, to = 30) =>
  grantCredit(
    database.db,
    workspaceId,
    { kind: "allowance", amountMicros, startsAt: at(from), expiresAt: at(to), sourceKey: `from ${from}` },
    at(from),
  );

async function hold(workspaceId: string, amountMicros: number, when = at(1), minimumMicros = amountMicros) {
  const holdId = randomUUID();
  const input = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m", rates };
  const expiresAt = new Date(when.getTime() + 86_400_000);
  const taken = await takeHold(database.db, workspaceId, {
    ...input,
    amountMicros,
    minimumMicros,
    at: when,
    expiresAt,
  });
  return { holdId, taken };
}

/** Settles a hold with this many received tokens of one micro-USD each. */
function settle(workspaceId: string, { holdId }: { holdId: string }, tokens: number, when = at(1)) {
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: tokens };
  const rest = { estimated: false, at: when, apiKeyId: null, interaction };
  return settleHold(database.db, workspaceId, holdId, { usage, ...rest });
}

const available = async (workspaceId: string, when = at(1)) =>
  (await readBalance(database.db, workspaceId, when)).availableMicros;
const used = async (workspaceId: string, when = at(1)) =>
  (await readOverageWindow(database.db, workspaceId, when))?.usedMicros;
const spentOfGrants = async (workspaceId: string) => {
  const [row] = await database.sql<{ spent: number }[]>`
    select coalesce(sum(spent_micros), 0)::float8 as spent from grants where workspace_id = ${workspaceId}`;
  return row?.spent;
};

it("M16: of fifty concurrent holds on credit for three and a cap for four, exactly seven are taken", async () => {
  const workspaceId = await newWorkspace(database);
  await give(workspaceId, 35);
  await open(workspaceId, 42);
  const results = await Promise.all(Array.from({ length: 50 }, () => hold(workspaceId, 10)));
  expect(results.filter(({ taken }) => taken.ok)).toHaveLength(7);
  expect(await sumsOf(database, workspaceId)).toMatchObject({ held: 70, openHolds: 70 });
  expect(await available(workspaceId)).toBe(7);
});

it("M16: fifty concurrent answers use credit and then the cap to the last micro-USD, and no more", async () => {
  const workspaceId = await newWorkspace(database);
  await give(workspaceId, 100);
  await open(workspaceId, 100);
  const answers = Array.from({ length: 50 }, async () => {
    const mine = await hold(workspaceId, 10);
    return mine.taken.ok ? (await settle(workspaceId, mine, 10)).chargedMicros : 0;
  });
  const charged = await Promise.all(answers);
  expect(charged.reduce((sum, one) => sum + one, 0)).toBe(200);
  expect(await used(workspaceId)).toBe(100);
  expect(await spentOfGrants(workspaceId)).toBe(100);
  expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 0, entries: 0, held: 0 });
});

it("M16: credit granted while an answer runs on the cap is drawn first", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 50);
  const mine = await hold(workspaceId, 40);
  await give(workspaceId, 25);
  expect(await available(workspaceId)).toBe(35);
  expect(await settle(workspaceId, mine, 40)).toMatchObject({ chargedMicros: 40, lossMicros: 0 });
  expect(await used(workspaceId)).toBe(15);
  expect(await spentOfGrants(workspaceId)).toBe(25);
});

it("M16: an answer that spends credit reserved by another hold leaves it the same amount of the cap, also after the cap is lowered", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 20);
  const onCap = await hold(workspaceId, 20);
  await give(workspaceId, 30);
  const onCredit = await hold(workspaceId, 30);
  await settle(workspaceId, onCap, 20);
  expect(await used(workspaceId)).toBe(0);
  await open(workspaceId, 0);
  expect(await settle(workspaceId, onCredit, 30)).toMatchObject({ chargedMicros: 30, lossMicros: 0 });
  expect(await used(workspaceId)).toBe(20);
  expect(await spentOfGrants(workspaceId)).toBe(30);
});

it("M16: a cap lowered below what is used refuses new holds, and existing holds are still covered", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 100);
  await settle(workspaceId, await hold(workspaceId, 60), 60);
  const held = await hold(workspaceId, 30);
  await open(workspaceId, 10);
  expect((await hold(workspaceId, 1)).taken.ok).toBe(false);
  expect(await settle(workspaceId, held, 25)).toMatchObject({ chargedMicros: 25, availableMicros: 0 });
  expect(await used(workspaceId)).toBe(85);
  await closeOverage(database.db, workspaceId, at(1));
  expect((await hold(workspaceId, 1)).taken.ok).toBe(false);
  await open(workspaceId, 100);
  expect((await hold(workspaceId, 15)).taken.ok).toBe(true);
  expect((await hold(workspaceId, 1)).taken.ok).toBe(false);
});

it("M16: a late settlement counts for the period in which its hold was taken", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 50, 0, 10);
  const late = await hold(workspaceId, 40, at(9.9));
  await open(workspaceId, 50, 10, 20);
  expect(await available(workspaceId, at(10))).toBe(50);
  await settle(workspaceId, late, 40, at(10.1));
  expect(await used(workspaceId, at(9.9))).toBe(40);
  expect(await used(workspaceId, at(10.1))).toBe(0);
});

it("M16: a new period ends the one before, and no overage is available between periods", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 50, 0, 10);
  await open(workspaceId, 50, 6, 16);
  const windows = await database.sql`
    select starts_at::text as starts, ends_at::text as ends from overage_windows where workspace_id = ${workspaceId} order by 1`;
  expect(windows[0]?.ends).toBe(windows[1]?.starts);
  expect(await available(workspaceId, at(5.9))).toBe(50);
  expect(await available(workspaceId, at(16))).toBe(0);
});

it("M7, M16: an overrun takes available credit, then available overage, never other holds; the rest is our loss", async () => {
  const workspaceId = await newWorkspace(database);
  await give(workspaceId, 100);
  await open(workspaceId, 50);
  const mine = await hold(workspaceId, 80);
  const theirs = await hold(workspaceId, 40);
  expect(await settle(workspaceId, mine, 200)).toMatchObject({
    chargedMicros: 110,
    lossMicros: 90,
    availableMicros: 0,
  });
  expect(await settle(workspaceId, theirs, 40)).toMatchObject({ chargedMicros: 40, lossMicros: 0 });
  expect(await used(workspaceId)).toBe(50);
  expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 0, entries: 0 });
});

it("M16, M19: nothing new is lent while the credit is negative, and reserved overage still pays", async () => {
  const workspaceId = await newWorkspace(database);
  await give(workspaceId, 100);
  await settle(workspaceId, await hold(workspaceId, 80), 80);
  await open(workspaceId, 50);
  const held = await hold(workspaceId, 40);
  await clawBack(database.db, workspaceId, {
    sourceKey: "from 0",
    targetMicros: 100,
    reason: "dispute:dp_1",
    at: at(1),
  });
  expect(await available(workspaceId)).toBeLessThan(0);
  expect((await hold(workspaceId, 1)).taken.ok).toBe(false);
  // Twenty were reserved of credit that was clawed back: our loss. Twenty were reserved of the cap.
  expect(await settle(workspaceId, held, 40)).toMatchObject({ chargedMicros: 20, lossMicros: 20 });
  expect(await used(workspaceId)).toBe(20);
});

it("M16: releasing a hold frees its reserved overage and lends nothing", async () => {
  const workspaceId = await newWorkspace(database);
  await open(workspaceId, 50);
  const failed = await hold(workspaceId, 50);
  expect(await available(workspaceId)).toBe(0);
  await releaseHold(database.db, workspaceId, failed.holdId, { at: at(1) });
  expect(await available(workspaceId)).toBe(50);
  expect(await used(workspaceId)).toBe(0);
});
