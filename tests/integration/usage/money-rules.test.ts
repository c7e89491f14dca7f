import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { clawBack, type GrantInput, grantCredit } from "#lib/usage/grants.ts";
import {
  expireGrants,
  extendHold,
  type HoldInput,
  releaseHold,
  sweepHolds,
  takeHold,
} from "#lib/usage/holds.ts";
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

function credit(amountMicros: number, over: Partial<GrantInput> = {}): GrantInput {
  return {
    kind: "allowance",
    amountMicros,
    startsAt: at(0),
    expiresAt: at(30),
    sourceKey: randomUUID(),
    ...over,
  };
}

async function give(workspaceId: string, ...grants: GrantInput[]): Promise<void> {
  for (const grant of grants) await grantCredit(database.db, workspaceId, grant, at(0));
}

async function hold(
  workspaceId: string,
  amountMicros: number,
  over: { at?: Date; minimumMicros?: number; apiKey?: HoldInput["apiKey"] } = {},
) {
  const holdId = randomUUID();
  const taken = await takeHold(database.db, workspaceId, {
    holdId,
    subjectId: holdId,
    subjectKind: "generation",
    model: "gpt-5.4-mini",
    amountMicros,
    minimumMicros: over.minimumMicros ?? amountMicros,
    rates,
    at: over.at ?? at(1),
    expiresAt: at(2),
    ...(over.apiKey !== undefined && { apiKey: over.apiKey }),
  });
  return { holdId, taken };
}

async function newKey(workspaceId: string): Promise<string> {
  const [owner] = await database.sql<{ id: string }[]>`
    select personal_user_id as id from workspaces where id = ${workspaceId}`;
  const wanted = { name: "Key", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  return (await createApiKey(database.db, workspaceId, owner?.id ?? "", wanted, at(0))).id;
}

/** Settles a hold with this many received tokens of one micro-USD each. */
function settle(
  workspaceId: string,
  holdId: string,
  tokens: number,
  when = at(1),
  apiKeyId: string | null = null,
) {
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: tokens };
  return settleHold(database.db, workspaceId, holdId, {
    usage,
    estimated: false,
    at: when,
    apiKeyId,
    interaction,
  });
}

async function available(workspaceId: string, when = at(1)): Promise<number> {
  return (await readBalance(database.db, workspaceId, when)).availableMicros;
}

async function remaining(workspaceId: string): Promise<Record<string, number>> {
  const rows = await database.sql<{ key: string; left: number }[]>`
    select source_key as key, remaining_micros::float8 as left from grants where workspace_id = ${workspaceId}`;
  return Object.fromEntries(rows.map(({ key, left }) => [key, left]));
}

describe("grants", () => {
  it("M1: concurrent grants with the same source key add credit once", async () => {
    const workspaceId = await newWorkspace(database);
    const grant = credit(500);
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => grantCredit(database.db, workspaceId, grant, at(0))),
    );
    expect(asked.filter(({ granted }) => granted)).toHaveLength(1);
    expect(await available(workspaceId)).toBe(500);
  });

  it("M2: a grant is available from its start to its end, less what is held", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100, { startsAt: at(5), expiresAt: at(10) }), credit(40));
    expect(await available(workspaceId, at(1))).toBe(40);
    expect(await available(workspaceId, at(5))).toBe(140);
    await hold(workspaceId, 30, { at: at(5) });
    expect(await available(workspaceId, at(5))).toBe(110);
    // The larger grant was running when the hold was taken, so it still pays for the hold and for nothing
    // else.
    expect(await available(workspaceId, at(10))).toBe(40);
  });

  it("M2: of fifty concurrent holds on credit for three, exactly three are taken", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(35));
    const results = await Promise.all(Array.from({ length: 50 }, () => hold(workspaceId, 10)));
    expect(results.filter(({ taken }) => taken.ok)).toHaveLength(3);
    expect(await sumsOf(database, workspaceId)).toMatchObject({ held: 30, openHolds: 30 });
  });

  it("M2: of fifty concurrent holds on an API key's budget for three, exactly three are taken, and settling frees the rest", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(10_000));
    const keys = await Promise.all([1, 2].map(() => newKey(workspaceId)));
    const [key, other] = keys;
    if (key === undefined || other === undefined) throw new Error("There are no keys.");
    const ask = (id: string, budgetMicros: number) =>
      hold(workspaceId, 100, { apiKey: { id, budgetMicros } });
    const asked = await Promise.all(Array.from({ length: 50 }, () => ask(key, 350)));
    const taken = asked.filter((one) => one.taken.ok);
    expect(taken).toHaveLength(3);
    for (const one of asked) if (!one.taken.ok) expect(one.taken.lacks).toBe("reserved");
    expect((await ask(other, 100)).taken.ok).toBe(true);
    expect((await hold(workspaceId, 100)).taken.ok).toBe(true);

    const [first] = taken;
    if (first !== undefined) await settle(workspaceId, first.holdId, 40, at(1), key);
    // 350 less 40 spent and 200 held.
    expect(
      (await hold(workspaceId, 500, { apiKey: { id: key, budgetMicros: 350 }, minimumMicros: 1 })).taken,
    ).toMatchObject({
      ok: true,
      amountMicros: 110,
    });
    expect((await ask(key, 350)).taken).toMatchObject({ ok: false, lacks: "reserved" });
    // 40 are spent, so that no hold of 100 fits into 130, whatever runs.
    expect((await ask(key, 130)).taken).toMatchObject({ ok: false, lacks: "budget" });
    expect(
      (await hold(workspaceId, 100, { apiKey: { id: key, budgetMicros: 450 }, at: at(32) })).taken,
    ).toMatchObject({
      ok: false,
      lacks: "credit",
    });
  });

  it("M2: a hold is clamped to what is available and refused below its minimum", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(35));
    expect((await hold(workspaceId, 100, { minimumMicros: 20 })).taken).toMatchObject({
      ok: true,
      amountMicros: 35,
    });
    expect((await hold(workspaceId, 100, { minimumMicros: 1 })).taken).toEqual({
      ok: false,
      availableMicros: 0,
      lacks: "reserved",
    });
  });

  it("M3: the grant that expires first is spent first, top-ups last", async () => {
    const workspaceId = await newWorkspace(database);
    await give(
      workspaceId,
      credit(10, { sourceKey: "top-up", kind: "top_up", expiresAt: at(5) }),
      credit(10, { sourceKey: "late", expiresAt: at(20) }),
      credit(10, { sourceKey: "soon", expiresAt: at(10) }),
    );
    const { holdId } = await hold(workspaceId, 25);
    await settle(workspaceId, holdId, 25);
    expect(await remaining(workspaceId)).toEqual({ soon: 0, late: 0, "top-up": 5 });
  });

  it("M3: the expired rest of a grant is written to the ledger once", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(80, { expiresAt: at(3) }));
    expect(await expireGrants(database.db, at(3))).toBe(80);
    expect(await expireGrants(database.db, at(3))).toBe(0);
    expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 0, entries: 0, brokenGrants: 0 });
  });
});

describe("holds", () => {
  it("M5: concurrent settling, releasing and sweeping end a hold once", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(1_000));
    const { holdId } = await hold(workspaceId, 100);
    const attempts = Array.from({ length: 30 }, async (_, index) => {
      if (index % 3 === 0) return (await settle(workspaceId, holdId, 60)).settled;
      if (index % 3 === 1)
        return (await releaseHold(database.db, workspaceId, holdId, { at: at(1) })).released;
      await sweepHolds(database.db, at(9));
      return false;
    });
    expect((await Promise.all(attempts)).filter(Boolean).length).toBeLessThanOrEqual(1);
    const sums = await sumsOf(database, workspaceId);
    expect(sums).toMatchObject({ held: 0, openHolds: 0 });
    expect([1_000, 940]).toContain(sums.balance);
  });

  it("M5: the sweep releases an expired hold and keeps an extended one", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100));
    const kept = await hold(workspaceId, 10);
    await hold(workspaceId, 20);
    await extendHold(database.db, workspaceId, kept.holdId, { expiresAt: at(8) });
    await sweepHolds(database.db, at(4));
    expect(await sumsOf(database, workspaceId)).toMatchObject({ held: 10, openHolds: 10 });
  });

  it("M5: taking a hold twice for the same subject gives one hold", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100));
    const input = {
      subjectId: randomUUID(),
      subjectKind: "generation" as const,
      model: "m",
      amountMicros: 40,
      minimumMicros: 40,
    };
    const take = () =>
      takeHold(database.db, workspaceId, {
        ...input,
        holdId: randomUUID(),
        rates,
        at: at(1),
        expiresAt: at(2),
      });
    await Promise.all([take(), take(), take()]);
    expect(await sumsOf(database, workspaceId)).toMatchObject({ held: 40 });
  });

  it("M6: received tokens are charged by the rates of the hold, and the rest is freed", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100));
    const { holdId } = await hold(workspaceId, 90);
    expect(await settle(workspaceId, holdId, 33)).toMatchObject({
      settled: true,
      chargedMicros: 33,
      availableMicros: 67,
    });
    expect(await settle(workspaceId, holdId, 90)).toMatchObject({ settled: false, chargedMicros: 33 });
    expect(await available(workspaceId)).toBe(67);
  });

  it("M6: a failed answer is logged and costs nothing", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100));
    const { holdId } = await hold(workspaceId, 90);
    await releaseHold(database.db, workspaceId, holdId, {
      at: at(1),
      interaction: { ...interaction, outcome: "failed" },
    });
    expect(await available(workspaceId)).toBe(100);
    const logged = await database.sql`
      select outcome, charged_micros::int as charged from openai_interactions where workspace_id = ${workspaceId}`;
    expect([...logged]).toEqual([{ outcome: "failed", charged: 0 }]);
  });

  it("M7: an overrun takes available credit, never other holds, and writes the rest as our loss", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100));
    const mine = await hold(workspaceId, 50);
    const theirs = await hold(workspaceId, 30);
    expect(await settle(workspaceId, mine.holdId, 90)).toMatchObject({
      chargedMicros: 70,
      availableMicros: 0,
    });
    expect(await settle(workspaceId, theirs.holdId, 30)).toMatchObject({
      chargedMicros: 30,
      availableMicros: 0,
    });
    const losses = await database.sql`
      select kind, amount_micros::int as amount from ledger_entries
      where workspace_id = ${workspaceId} and kind in ('overrun', 'loss') order by kind`;
    expect([...losses]).toEqual([
      { kind: "loss", amount: 20 },
      { kind: "overrun", amount: -20 },
    ]);
    expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 0, entries: 0 });
  });

  it("M5: a grant pays for a hold taken before its end, also when it settles later", async () => {
    const workspaceId = await newWorkspace(database);
    await give(
      workspaceId,
      credit(100, { sourceKey: "old", expiresAt: at(3) }),
      credit(50, { sourceKey: "new", startsAt: at(3) }),
    );
    const { holdId } = await hold(workspaceId, 80, { at: at(2.9) });
    expect(await available(workspaceId, at(3.1))).toBe(50);
    await expireGrants(database.db, at(3.1));
    await settle(workspaceId, holdId, 60, at(3.2));
    await expireGrants(database.db, at(3.3));
    expect(await remaining(workspaceId)).toEqual({ old: 0, new: 50 });
    expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 50, entries: 50, brokenGrants: 0 });
  });
});

describe("claw-back", () => {
  it("M18: partial claw-backs add up, below zero if necessary, and never exceed the grant", async () => {
    const workspaceId = await newWorkspace(database);
    await give(workspaceId, credit(100, { sourceKey: "invoice" }));
    const { holdId } = await hold(workspaceId, 80);
    await settle(workspaceId, holdId, 80);
    const back = (targetMicros: number) =>
      clawBack(database.db, workspaceId, {
        sourceKey: "invoice",
        targetMicros,
        reason: "refund:re_1",
        at: at(1),
      });
    expect(await back(15)).toBe(15);
    expect(await back(15)).toBe(0);
    expect(await back(500)).toBe(85);
    expect(await available(workspaceId)).toBe(-80);
    expect((await hold(workspaceId, 1)).taken.ok).toBe(false);
    expect(await available(workspaceId, at(60))).toBe(-80);
  });

  it("M18: credit that ends unused pays off what refunds left below zero", async () => {
    const workspaceId = await newWorkspace(database);
    const later = credit(50, { sourceKey: "later", expiresAt: at(40) });
    await give(workspaceId, credit(100, { sourceKey: "refunded" }), later);
    const { holdId } = await hold(workspaceId, 80);
    await settle(workspaceId, holdId, 80);
    const refund = { sourceKey: "refunded", targetMicros: 50, reason: "refund:re_1", at: at(2) };
    await clawBack(database.db, workspaceId, refund);
    expect(await remaining(workspaceId)).toEqual({ refunded: -30, later: 50 });
    expect(await available(workspaceId)).toBe(20);
    await expireGrants(database.db, at(41));
    await expireGrants(database.db, at(42));
    expect(await remaining(workspaceId)).toEqual({ refunded: 0, later: 0 });
    expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 0, entries: 0, brokenGrants: 0 });
    const next = credit(10, { startsAt: at(41), expiresAt: at(70) });
    await give(workspaceId, next);
    expect(await available(workspaceId, at(43))).toBe(10);
    // A won dispute restores the credit, although its spending was paid off.
    await clawBack(database.db, workspaceId, { ...refund, targetMicros: 0, at: at(43) });
    expect(await sumsOf(database, workspaceId)).toMatchObject({ balance: 60, brokenGrants: 0 });
  });
});
