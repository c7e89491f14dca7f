import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBalance } from "#lib/usage/balance.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { enlargeHold, expireGrants, releaseHold, sweepHolds, takeHold } from "#lib/usage/holds.ts";
import { openOverage } from "#lib/usage/overage.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { interaction, newWorkspace, rates, sumsOf } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

/** One operation on the credit of a workspace with overage. */
type Step =
  | { do: "grant"; amount: number; hours: number; topUp: boolean }
  | { do: "hold"; amount: number; minimum: number }
  | { do: "settle"; which: number; tokens: number }
  | { do: "release"; which: number }
  | { do: "enlarge"; which: number; amount: number }
  | { do: "cap"; cap: number }
  | { do: "period"; cap: number; lateHours: number }
  | { do: "sweep" }
  | { do: "expire" };

const amount = fc.integer({ min: 1, max: 120 });
const cap = fc.integer({ min: 0, max: 150 });
const which = fc.nat(20);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("grant" as const),
      amount,
      hours: fc.integer({ min: 2, max: 60 }),
      topUp: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("hold" as const),
      amount,
      minimum: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      which,
      tokens: fc.integer({ min: 0, max: 160 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("release" as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("enlarge" as const), which, amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("cap" as const), cap }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("period" as const), cap, lateHours: fc.constantFrom(0, 0, 3) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "sweep" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "expire" as const }) },
);
/** The steps of a burst run concurrently; time passes between bursts. */
const lives = fc.array(
  fc.tuple(fc.array(anyStep, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 12 })),
  { minLength: 1, maxLength: 8 },
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const hourMs = 3_600_000;
type Life = {
  workspaceId: string;
  atMs: number;
  periodMs: number;
  holds: string[];
  highestCap: number;
  /**
   * True when a period was opened late: usage since its start counts for the period before.
   */
  late: boolean;
};

async function beginLife(): Promise<Life> {
  const atMs = Date.parse("2026-03-01T00:00:00Z");
  const workspaceId = await newWorkspace(database);
  const life = { workspaceId, atMs, periodMs: atMs, holds: [], highestCap: 0, late: false };
  await setCap(life, 60);
  return life;
}

async function setCap(life: Life, capMicros: number): Promise<void> {
  const { workspaceId, periodMs } = life;
  life.highestCap = Math.max(life.highestCap, capMicros);
  const window = { startsAt: new Date(periodMs), endsAt: new Date(periodMs + 48 * hourMs), capMicros };
  // In a transaction like in billing, so that the lock is held to its end.
  await database.db.transaction((tx) => openOverage(tx, workspaceId, window));
}

async function play(life: Life, step: Step): Promise<void> {
  const { db } = database;
  const { workspaceId } = life;
  const at = new Date(life.atMs);
  const holdId = life.holds["which" in step ? step.which % Math.max(1, life.holds.length) : 0];
  switch (step.do) {
    case "grant": {
      const expiresAt = new Date(life.atMs + step.hours * hourMs);
      const kind = step.topUp ? ("top_up" as const) : ("allowance" as const);
      const grant = { kind, amountMicros: step.amount, startsAt: at, expiresAt, sourceKey: randomUUID() };
      await grantCredit(db, workspaceId, grant, at);
      return;
    }
    case "hold": {
      const id = randomUUID();
      life.holds.push(id);
      const input = { holdId: id, subjectId: id, subjectKind: "generation" as const, model: "m", rates, at };
      const minimumMicros = Math.min(step.minimum, step.amount);
      const expiresAt = new Date(life.atMs + 30 * hourMs);
      await takeHold(db, workspaceId, { ...input, amountMicros: step.amount, minimumMicros, expiresAt });
      return;
    }
    case "settle":
      if (holdId !== undefined) await settle(life, holdId, step.tokens);
      return;
    case "release":
      if (holdId !== undefined) await releaseHold(db, workspaceId, holdId, { at });
      return;
    case "enlarge": {
      if (holdId === undefined) return;
      const extension = { moreMicros: step.amount, budgetMicros: null, at };
      await enlargeHold(db, workspaceId, holdId, extension);
      return;
    }
    case "cap":
      return setCap(life, step.cap);
    case "period":
      life.late ||= step.lateHours > 0;
      life.periodMs = Math.max(life.periodMs, life.atMs - step.lateHours * hourMs) + 1;
      return setCap(life, step.cap);
    case "sweep":
      await sweepHolds(db, at);
      return;
    case "expire":
      await expireGrants(db, at);
  }
}

async function settle({ workspaceId, atMs }: Life, holdId: string, tokens: number): Promise<void> {
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: tokens };
  const rest = { estimated: false, at: new Date(atMs), apiKeyId: null, interaction };
  await settleHold(database.db, workspaceId, holdId, { usage, ...rest }).catch((error: Error) => {
    // A hold that was refused does not exist.
    if (!error.message.includes("has no hold")) throw error;
  });
}

async function expectRulesHold(life: Life): Promise<void> {
  const { workspaceId } = life;
  const { sql } = database;
  const sums = await sumsOf(database, workspaceId);
  expect(sums.entries, "M4: the balance is the sum of its entries").toBe(sums.balance);
  expect(sums.balance, "M16: a balance never goes below zero by overage").toBeGreaterThanOrEqual(0);
  expect({ ...sums, held: sums.openHolds }).toMatchObject({
    brokenGrants: 0,
    grantEntriesOff: 0,
    held: sums.held,
  });
  const { availableMicros } = await readBalance(database.db, workspaceId, new Date(life.atMs));
  expect(availableMicros, "M2: nothing is ever overspent").toBeGreaterThanOrEqual(0);
  const windows = await sql<{ used: number; told: number }[]>`
    select used_micros::float8 as used,
      (select coalesce(sum(e.amount_micros), 0) from ledger_entries e join holds h on h.id = e.hold_id
        where e.workspace_id = w.workspace_id and e.kind = 'overage' and h.taken_at >= w.starts_at and h.taken_at < w.ends_at)::float8 as told
    from overage_windows w where workspace_id = ${workspaceId}`;
  for (const { used, told } of windows) {
    expect(used, "M16: never above the highest cap there was").toBeLessThanOrEqual(life.highestCap);
    if (!life.late) expect(used, "M16: each window has what its own holds used").toBe(told);
  }
  const [off] = await sql<{ lent: number; holds: number; pairs: number; losses: number }[]>`
    select
      ((select coalesce(sum(used_micros), 0) from overage_windows where workspace_id = ${workspaceId}) -
        (select coalesce(sum(amount_micros), 0) from ledger_entries where workspace_id = ${workspaceId} and kind = 'overage'))::int as lent,
      (select count(*) from holds h where h.workspace_id = ${workspaceId} and h.state = 'settled' and h.charged_micros <>
        (select coalesce(-sum(e.amount_micros), 0) from ledger_entries e where e.hold_id = h.id and e.kind = 'spend'))::int as holds,
      (select count(*) from holds h where h.workspace_id = ${workspaceId} and
        (select coalesce(sum(e.amount_micros), 0) from ledger_entries e
          where e.hold_id = h.id and (e.kind = 'overage' or (e.kind = 'spend' and e.grant_id is null))) <> 0)::int as pairs,
      (select count(*) from ledger_entries e join holds h on h.id = e.hold_id join openai_interactions i on i.hold_id = h.id
        where h.workspace_id = ${workspaceId} and e.kind = 'loss' and i.completion_tokens <= h.amount_micros)::int as losses`;
  expect(off?.lent, "M16: the windows have used what the ledger says was lent").toBe(0);
  expect(off?.holds, "M6: what was charged is what was spent, of grants and of the cap together").toBe(0);
  expect(off?.pairs, "M16: what was lent is what was spent without a grant").toBe(0);
  expect(off?.losses, "M7: a hold that was taken is always paid in full").toBe(0);
}

it("M2 to M7 and M16 hold for any interleaving of grant, hold, settle, cap and period", async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (plan) => {
      const life = await beginLife();
      for (const [burst, pauseHours] of plan) {
        await Promise.all(burst.map((step) => play(life, step)));
        await expectRulesHold(life);
        life.atMs += pauseHours * hourMs;
      }
      await expectRulesHold(life);
    }),
    { numRuns: randomRuns(25, 60), endOnFailure: true },
  );
}, 120_000);

it("M16: overage is lent only when no credit is left that the answer may spend", async () => {
  const within = fc.array(
    anyStep.filter(({ do: what }) => what !== "period" && what !== "sweep"),
    { minLength: 5, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(within, async (steps) => {
      const life = await beginLife();
      let lent = 0;
      for (const step of steps) {
        await play(life, step);
        const [now] = await database.sql<{ lent: number; credit: number }[]>`
          select (select coalesce(sum(used_micros), 0) from overage_windows where workspace_id = ${life.workspaceId})::float8 as lent,
            (select coalesce(sum(remaining_micros), 0) from grants where workspace_id = ${life.workspaceId})::float8 as credit`;
        if ((now?.lent ?? 0) > lent) expect(now?.credit).toBe(0);
        lent = now?.lent ?? 0;
      }
    }),
    { numRuns: randomRuns(20, 40), endOnFailure: true },
  );
}, 120_000);
