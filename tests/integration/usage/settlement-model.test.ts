import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { grantCredit } from "#lib/usage/grants.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { interaction, newWorkspace, rates } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

// The SQL function settle_holds, compared with a simple model of it.

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const minute = 60_000;
const takenAtMs = Date.UTC(2026, 2, 1);
const settledAtMs = takenAtMs + 10 * minute;

type Grant = { kind: "allowance" | "top_up" | "manual"; amount: number; endsInMinutes: number; key: string };

const anyGrants = fc.array(
  fc.record({
    kind: fc.constantFrom("allowance" as const, "top_up" as const, "manual" as const),
    amount: fc.integer({ min: 1, max: 200 }),
    // Expiry before the hold, while it is open, after its settlement, and at exactly these moments.
    endsInMinutes: fc.constantFrom(-1, 0, 4, 5, 10, 11, 60),
    key: fc.uuid(),
  }),
  { minLength: 1, maxLength: 6 },
);

/**
 * Returns which grants pay, chosen one micro-USD at a time (M3, M7).
 * @param ids the ids of the grants by source key; the last criterion of the order
 */
function modelOf(
  grants: Grant[],
  ids: Record<string, string>,
  { charge, held, free }: { charge: number; held: number; free: number },
) {
  const usable = grants
    .filter(({ endsInMinutes }) => endsInMinutes > 0)
    .map((grant) => ({ ...grant, left: grant.amount, ended: grant.endsInMinutes <= 10 }));
  const spent = new Map(grants.map(({ key }) => [key, 0]));
  let covered = 0;
  while (covered < Math.min(charge, held + Math.max(0, free))) {
    const open = usable.filter(({ left }) => left > 0);
    const ended = open.filter((grant) => grant.ended);
    const plain = open.filter(({ kind }) => kind !== "top_up");
    const choice = ended.length > 0 ? ended : plain.length > 0 ? plain : open;
    const next = [...choice].sort(
      (a, b) => a.endsInMinutes - b.endsInMinutes || ((ids[a.key] ?? "") < (ids[b.key] ?? "") ? -1 : 1),
    )[0];
    if (next === undefined) break;
    next.left -= 1;
    covered += 1;
    spent.set(next.key, (spent.get(next.key) ?? 0) + 1);
  }
  return { spent: Object.fromEntries(spent), covered, loss: charge - covered };
}

async function readGrants(workspaceId: string) {
  const rows = await database.sql<{ key: string; id: string; spent: number }[]>`
    select source_key as key, id, spent_micros::int as spent from grants where workspace_id = ${workspaceId}`;
  return {
    ids: Object.fromEntries(rows.map(({ key, id }) => [key, id])),
    spent: Object.fromEntries(rows.map(({ key, spent }) => [key, spent])),
  };
}

it("M3, M7: a settlement draws the same amounts as the model, for any grants, hold and charge", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyGrants,
      fc.integer({ min: 1, max: 300 }),
      fc.nat(500),
      async (grants, amountMicros, charge) => {
        const workspaceId = await newWorkspace(database);
        const startsAt = new Date(takenAtMs - 60 * minute);
        for (const { key, kind, amount, endsInMinutes } of grants) {
          const expiresAt = new Date(takenAtMs + endsInMinutes * minute);
          const grant = { kind, amountMicros: amount, startsAt, expiresAt, sourceKey: key };
          await grantCredit(database.db, workspaceId, grant, startsAt);
        }
        const holdId = randomUUID();
        const taken = await takeHold(database.db, workspaceId, {
          holdId,
          subjectId: holdId,
          subjectKind: "generation",
          model: "m",
          amountMicros,
          minimumMicros: 1,
          rates,
          at: new Date(takenAtMs),
          expiresAt: new Date(settledAtMs + minute),
        });
        fc.pre(taken.ok);
        if (!taken.ok) return;
        const [row] = await database.sql<{ free: number }[]>`
        select available_credit(${workspaceId}, ${new Date(settledAtMs).toISOString()})::int as free`;
        const { ids } = await readGrants(workspaceId);
        const money = { charge, held: taken.amountMicros, free: row?.free ?? 0 };
        const expected = modelOf(grants, ids, money);
        const settled = await settleHold(database.db, workspaceId, holdId, {
          usage: { promptTokens: 0, cachedTokens: 0, completionTokens: charge },
          estimated: false,
          at: new Date(settledAtMs),
          apiKeyId: null,
          interaction,
        });
        expect({ covered: settled.chargedMicros, loss: settled.lossMicros }).toEqual({
          covered: expected.covered,
          loss: expected.loss,
        });
        expect((await readGrants(workspaceId)).spent).toEqual(expected.spent);
      },
    ),
    { numRuns: randomRuns(25, 60) },
  );
}, 60_000);
