import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { expireGrants, takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

const dayMs = 86_400_000;

/** Spends credit as an answer does. @returns false when the credit is insufficient */
async function spend({ workspaceId }: Customer, micros: number): Promise<boolean> {
  const holdId = randomUUID();
  const at = now();
  const hold = await takeHold(testEnv.db, workspaceId, {
    ...{ holdId, subjectId: holdId, subjectKind: "generation", model: "m", rates, at },
    ...{ amountMicros: micros, minimumMicros: micros, expiresAt: new Date(at.getTime() + dayMs) },
  });
  if (!hold.ok) return false;
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(testEnv.db, workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: null,
    interaction,
  });
  return true;
}

async function buyCredit(customer: Customer, lookupKey: string): Promise<void> {
  const { url } = await startTopUp(customer, lookupKey, now());
  const answer = await submitCard(url, goodCard);
  const session = new URL(answer.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(customer.workspaceId, session);
}

describe("invoice explanation", () => {
  const invoicesOf = ({ workspaceId }: Customer) =>
    testEnv.sql<
      { id: string }[]
    >`select id from invoices where workspace_id = ${workspaceId} order by created_at, id`;

  /** Sums a workspace's ledger entries by kind. */
  const ledgerOf = async ({ workspaceId }: Customer) => {
    const [row] = await testEnv.sql`
      select coalesce(sum(e.amount_micros) filter (where e.kind = 'grant'), 0)::float8 as granted,
        coalesce(-sum(e.amount_micros) filter (where e.kind = 'spend'), 0)::float8 as spent,
        coalesce(-sum(e.amount_micros) filter (where e.kind in ('take_back', 'restore')), 0)::float8 as back,
        coalesce(-sum(e.amount_micros) filter (where e.kind = 'expire'), 0)::float8 as expired,
        coalesce(sum(e.amount_micros), 0)::float8 as remaining
      from ledger_entries e where e.workspace_id = ${workspaceId}`;
    return row;
  };

  const explainAll = async (customer: Customer) => {
    const invoices = await invoicesOf(customer);
    const explanation = await Promise.all(
      invoices.map(({ id }) => explainInvoice(testEnv.db, customer.workspaceId, id)),
    );
    const grants = explanation.flatMap(({ lines }) => lines.flatMap((line) => line.grants));
    const sum = (of: (grant: (typeof grants)[number]) => number) =>
      grants.reduce((total, grant) => total + of(grant), 0);
    return {
      grants,
      sums: {
        granted: sum(({ grantedMicros }) => grantedMicros),
        spent: sum(({ spentMicros }) => spentMicros),
        back: sum(({ takenBackMicros }) => takenBackMicros),
        expired: sum(({ expiredMicros }) => expiredMicros),
        remaining: sum(({ remainingMicros }) => remainingMicros),
      },
    };
  };

  test("the explanation of all invoices equals the ledger's sums after any spending, refunds and top-ups", async () => {
    const action = fc.oneof(
      { weight: 5, arbitrary: fc.record({ spend: fc.integer({ min: 1, max: 4_000_000 }) }) },
      { weight: 1, arbitrary: fc.record({ refund: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 1, arbitrary: fc.record({ buy: fc.constantFrom("top_up_5", "top_up_20") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        const ada = await addCustomer(testEnv);
        const customer = await subscribe(testEnv, ada, "pro_month");
        const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
        for (const each of actions) {
          if ("spend" in each) await spend(ada, each.spend);
          if ("buy" in each) await buyCredit(ada, each.buy);
          if ("refund" in each) {
            // Stripe rejects a refund beyond the charge.
            await testEnv.stripe.refunds
              .create({ charge: charge?.id ?? "", amount: each.refund })
              .catch(() => null);
            await syncCustomer(customer);
          }
        }
        const { grants, sums } = await explainAll(ada);
        expect(sums).toEqual(await ledgerOf(ada));
        for (const grant of grants) {
          expect(grant).toMatchObject({ addsUp: true });
          if (grant.answersBefore !== null) continue;
          const spentMicros = grant.answers.reduce((total, answer) => total + answer.spentMicros, 0);
          expect(spentMicros).toBe(grant.spentMicros);
        }
      }),
      { numRuns: randomRuns(12, 120), endOnFailure: true },
    );
  });

  test("the explanation of a top-up's invoice shows its credit and the answers it paid for", async () => {
    const ada = await addCustomer(testEnv);
    await buyCredit(ada, "top_up_5");
    await spend(ada, 1_200_000);
    const [invoice] = await invoicesOf(ada);
    const explanation = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    expect(explanation.lines).toMatchObject([
      {
        lookupKey: "top_up_5",
        amountCents: 500,
        grants: [
          {
            kind: "top_up",
            grantedMicros: 5_000_000,
            spentMicros: 1_200_000,
            remainingMicros: 3_800_000,
            addsUp: true,
            answers: [
              { model: "m", completionTokens: 1_200_000, chargedMicros: 1_200_000, spentMicros: 1_200_000 },
            ],
          },
        ],
      },
    ]);
  });

  test("the explanation of an invoice shows upgrades, expired credit and the number of further answers", async () => {
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_month");
    for (let count = 0; count < 25; count += 1) await spend(ada, 1_000);
    const [invoice] = await invoicesOf(ada);
    const first = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    const [grant] = first.lines[0]?.grants ?? [];
    expect(grant).toMatchObject({ answerCount: 25, answers: { length: 20 } });
    const mark = { grantId: grant?.id ?? "", entryId: grant?.answersBefore ?? 0 };
    const second = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "", mark);
    const rest = second.lines[0]?.grants[0]?.answers ?? [];
    expect(rest).toHaveLength(5);
    const all = [...(grant?.answers ?? []), ...rest];
    expect(new Set(all.map(({ entryId }) => entryId)).size).toBe(25);
    await expireGrants(testEnv.db, new Date(now().getTime() + 40 * dayMs));
    const over = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    expect(over.lines[0]?.grants).toMatchObject([
      { spentMicros: 25_000, expiredMicros: 14_975_000, remainingMicros: 0, addsUp: true },
    ]);
  });

  test("the explanation of another workspace's invoice is a 404", async () => {
    const [ada, eve] = [await addCustomer(testEnv), await addCustomer(testEnv)];
    await subscribe(testEnv, ada, "pro_month");
    const [invoice] = await invoicesOf(ada);
    await expect(explainInvoice(testEnv.db, eve.workspaceId, invoice?.id ?? "")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
