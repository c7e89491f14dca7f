import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBalance } from "#lib/usage/balance.ts";
import { clawBack, grantCredit } from "#lib/usage/grants.ts";
import {
  enlargeHold,
  expireGrants,
  extendHold,
  releaseHold,
  sweepHolds,
  takeHold,
} from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { interaction, newWorkspace, rates, sumsOf } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

/** One operation on a workspace's credit; `which` selects an existing hold or grant. */
type Step =
  | { do: "grant"; amount: number; days: number; topUp: boolean }
  | { do: "hold"; amount: number; minimum: number }
  | { do: "settle"; which: number; tokens: number }
  | { do: "release"; which: number }
  | { do: "enlarge"; which: number; amount: number }
  | { do: "extend"; which: number }
  | { do: "sweep" }
  | { do: "expire" }
  | { do: "clawBack"; which: number; share: number }
  | { do: "wait"; hours: number };

const amount = fc.integer({ min: 1, max: 120 });
const which = fc.nat(20);
const moneyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("grant" as const),
      amount,
      days: fc.integer({ min: 1, max: 4 }),
      topUp: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("hold" as const),
      amount,
      minimum: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      which,
      tokens: fc.integer({ min: 0, max: 160 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("enlarge" as const), which, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("extend" as const), which }) },
  { weight: 1, arbitrary: fc.constant({ do: "sweep" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "expire" as const }) },
);
const moneyBack: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("clawBack" as const),
  which,
  share: fc.integer({ min: 0, max: 100 }),
});
const waiting: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("wait" as const),
  hours: fc.integer({ min: 1, max: 30 }),
});
/** The steps of a burst run concurrently; time passes between bursts. */
const bursts = (step: fc.Arbitrary<Step>) =>
  fc.array(fc.tuple(fc.array(step, { minLength: 1, maxLength: 8 }), waiting), { minLength: 1, maxLength: 6 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

type Life = { workspaceId: string; atMs: number; holds: string[]; grants: { key: string; amount: number }[] };

async function play(life: Life, step: Step): Promise<void> {
  const { db } = database;
  const at = new Date(life.atMs);
  const soon = new Date(life.atMs + 20 * 3_600_000);
  const pick = (index: number) => life.holds[index % Math.max(1, life.holds.length)];
  switch (step.do) {
    case "grant": {
      const key = randomUUID();
      life.grants.push({ key, amount: step.amount });
      const expiresAt = new Date(life.atMs + step.days * 86_400_000);
      const kind = step.topUp ? ("top_up" as const) : ("allowance" as const);
      await grantCredit(
        db,
        life.workspaceId,
        { kind, amountMicros: step.amount, startsAt: at, expiresAt, sourceKey: key },
        at,
      );
      return;
    }
    case "hold": {
      const holdId = randomUUID();
      life.holds.push(holdId);
      const minimumMicros = Math.min(step.minimum, step.amount);
      const input = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m", rates };
      await takeHold(db, life.workspaceId, {
        ...input,
        amountMicros: step.amount,
        minimumMicros,
        at,
        expiresAt: soon,
      });
      return;
    }
    case "settle": {
      const holdId = pick(step.which);
      if (holdId === undefined) return;
      const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: step.tokens };
      await settleHold(db, life.workspaceId, holdId, {
        usage,
        estimated: false,
        at,
        apiKeyId: null,
        interaction,
      }).catch((error: Error) => {
        // A hold that was refused does not exist.
        if (!error.message.includes("has no hold")) throw error;
      });
      return;
    }
    case "release": {
      const holdId = pick(step.which);
      if (holdId !== undefined) await releaseHold(db, life.workspaceId, holdId, { at });
      return;
    }
    case "enlarge": {
      const holdId = pick(step.which);
      if (holdId === undefined) return;
      const extension = { moreMicros: step.amount, budgetMicros: null, at };
      await enlargeHold(db, life.workspaceId, holdId, extension);
      return;
    }
    case "extend": {
      const holdId = pick(step.which);
      if (holdId !== undefined) await extendHold(db, life.workspaceId, holdId, { expiresAt: soon });
      return;
    }
    case "sweep":
      await sweepHolds(db, at);
      return;
    case "expire":
      await expireGrants(db, at);
      return;
    case "clawBack": {
      const grant = life.grants[step.which % Math.max(1, life.grants.length)];
      if (grant === undefined) return;
      const targetMicros = Math.round((grant.amount * step.share) / 100);
      await clawBack(db, life.workspaceId, { sourceKey: grant.key, targetMicros, reason: "refund", at });
      return;
    }
    case "wait":
      life.atMs += step.hours * 3_600_000;
  }
}

async function expectRulesHold(life: Life, moneyWentBack: boolean): Promise<void> {
  const sums = await sumsOf(database, life.workspaceId);
  expect(sums.entries, "M4: the balance is the sum of its entries").toBe(sums.balance);
  expect(sums.brokenGrants, "M4: amount = remaining + spent + expired + taken back").toBe(0);
  expect(sums.grantEntriesOff, "M4: a grant's entries sum to what it has left").toBe(0);
  expect(sums.openHolds, "M5: held is the sum of open holds").toBe(sums.held);
  const { availableMicros } = await readBalance(database.db, life.workspaceId, new Date(life.atMs));
  if (!moneyWentBack) expect(availableMicros, "M2: nothing is ever overspent").toBeGreaterThanOrEqual(0);
  const [charged] = await database.sql<{ spent: number; charged: number; lossless: boolean }[]>`
    select (select coalesce(sum(spent_micros), 0) from grants where workspace_id = ${life.workspaceId})::float8 as spent,
      (select coalesce(sum(charged_micros), 0) from holds where workspace_id = ${life.workspaceId})::float8 as charged,
      (select coalesce(sum(amount_micros), 0) from ledger_entries
        where workspace_id = ${life.workspaceId} and kind in ('overrun', 'loss')) = 0 as lossless`;
  expect(charged?.spent, "M6: what was charged is what was spent").toBe(charged?.charged);
  expect(charged?.lossless, "M7: an overrun and its loss sum to zero").toBe(true);
}

async function live(plan: [Step[], Step][], moneyWentBack: boolean): Promise<string> {
  const workspaceId = await newWorkspace(database);
  const life: Life = { workspaceId, atMs: Date.parse("2026-03-01T00:00:00Z"), holds: [], grants: [] };
  for (const [burst, pause] of plan) {
    await Promise.all(burst.map((step) => play(life, step)));
    await expectRulesHold(life, moneyWentBack);
    await play(life, pause);
    await expectRulesHold(life, moneyWentBack);
  }
  return workspaceId;
}

it("M2 to M7 hold for any interleaving of grant, hold, enlarge, extend, settle, release, sweep and expire", async () => {
  await fc.assert(
    fc.asyncProperty(bursts(moneyStep), async (plan) => {
      await live(plan, false);
    }),
    { numRuns: randomRuns(20, 40), endOnFailure: true },
  );
});

it("M4 to M7 hold for any interleaving that includes claw-backs", async () => {
  await fc.assert(
    fc.asyncProperty(
      bursts(fc.oneof({ weight: 4, arbitrary: moneyStep }, { weight: 1, arbitrary: moneyBack })),
      async (plan) => {
        await live(plan, true);
      },
    ),
    { numRuns: randomRuns(15, 30), endOnFailure: true },
  );
});

it("M7: a hold is always covered in full, unless credit was clawed back", async () => {
  await fc.assert(
    fc.asyncProperty(bursts(moneyStep), async (plan) => {
      const workspaceId = await live(plan, false);
      const [short] = await database.sql<{ count: number }[]>`
        select count(*)::int as count from ledger_entries e join holds h on h.id = e.hold_id
        join openai_interactions i on i.hold_id = h.id
        where h.workspace_id = ${workspaceId} and e.kind = 'loss' and i.completion_tokens <= h.amount_micros`;
      expect(short?.count).toBe(0);
    }),
    { numRuns: randomRuns(10, 20), endOnFailure: true },
  );
});
