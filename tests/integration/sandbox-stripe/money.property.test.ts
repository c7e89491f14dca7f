import fc from "fast-check";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  createPlan,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { randomRuns } from "#tests/random-budget.ts";

let sandbox: SandboxClient;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  price = (await createPlan(sandbox.stripe, "Pro", 1900)).month.id;
});
afterEach(() => sandbox.stop());

const cards = [
  "pm_card_visa",
  "pm_card_chargeCustomerFail",
  "pm_card_authenticationRequired",
  "pm_card_createDispute",
  "pm_card_createDisputeInquiry",
  "pm_card_refundFail",
  "pm_card_pendingRefund",
] as const;
const which = fc.nat(3);
const action = fc.oneof(
  fc.record({
    do: fc.constant("pay"),
    card: fc.constantFrom(...cards),
    amount: fc.integer({ min: 1, max: 9999 }),
    holds: fc.boolean(),
  }),
  fc.record({
    do: fc.constant("buy a plan"),
    number: fc.constantFrom("4242424242424242", "4000000000000259"),
  }),
  fc.record({ do: fc.constant("confirm"), which, card: fc.constantFrom(...cards) }),
  fc.record({ do: fc.constant("capture"), which, part: fc.integer({ min: 1, max: 9999 }) }),
  fc.record({ do: fc.constant("cancel"), which }),
  fc.record({ do: fc.constant("refund"), which, part: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ do: fc.constant("dispute"), which }),
  fc.record({
    do: fc.constant("answer"),
    which,
    text: fc.constantFrom("winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "?"),
  }),
  fc.record({ do: fc.constant("wait"), seconds: fc.constantFrom(60, 86_400, 8 * 86_400) }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** Executes one step. Rejected steps must leave consistent amounts, too. */
async function perform(step: Action): Promise<void> {
  const { stripe, control } = sandbox;
  const pick = async <T extends { id: string }>(list: Stripe.ApiListPromise<T>, nth: number) =>
    (await list).data[nth]?.id ?? "none";
  const intents = () => stripe.paymentIntents.list({ limit: 100 });
  const charges = () => stripe.charges.list({ limit: 100 });
  if ("amount" in step) {
    const { amount, card } = step;
    const capture = step.holds ? "manual" : "automatic";
    await stripe.paymentIntents.create({
      amount,
      currency: "usd",
      confirm: true,
      payment_method: card,
      capture_method: capture,
    });
  } else if ("number" in step) await buyPlan(step.number);
  else if ("card" in step) {
    await stripe.paymentIntents.confirm(await pick(intents(), step.which), { payment_method: step.card });
  } else if ("seconds" in step) await control("clock/advance", { seconds: step.seconds });
  else if ("text" in step) {
    const evidence = { uncategorized_text: step.text };
    await stripe.disputes.update(await pick(stripe.disputes.list(), step.which), { evidence });
  } else if (step.do === "cancel") await stripe.paymentIntents.cancel(await pick(intents(), step.which));
  else if (step.do === "dispute") {
    await control(`charges/${await pick(charges(), step.which)}/dispute`, {}).catch(() => {});
  } else if ("part" in step && step.do === "capture") {
    await stripe.paymentIntents.capture(await pick(intents(), step.which), { amount_to_capture: step.part });
  } else if ("part" in step) {
    await stripe.refunds.create({ charge: await pick(charges(), step.which), amount: step.part });
  }
}

async function buyPlan(number: string): Promise<void> {
  const session = await sandbox.stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price, quantity: 1 }],
    success_url: "http://shop.example/done",
  });
  await submitCard(session.url ?? "", number);
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Payment, charge, refunds, disputes, invoice and balance agree on the amounts. */
async function checkMoney(): Promise<void> {
  const { stripe } = sandbox;
  const intents = await all(stripe.paymentIntents.list({ limit: 100 }));
  const charges = await all(stripe.charges.list({ limit: 100 }));
  const refunds = await all(stripe.refunds.list({ limit: 100 }));
  const disputes = await all(stripe.disputes.list({ limit: 100 }));
  const moves = await all(stripe.balanceTransactions.list({ limit: 100 }));
  for (const intent of intents) {
    const captured = charges.filter((charge) => charge.payment_intent === intent.id && charge.captured);
    expect(captured.length).toBeLessThanOrEqual(1);
    expect(intent.amount_received).toBe(sum(captured.map((charge) => charge.amount_captured)));
    expect(intent.status === "succeeded").toBe(captured.length === 1);
  }
  for (const charge of charges) {
    const given = refunds.filter((refund) => refund.charge === charge.id && refund.status !== "failed");
    expect(charge.amount_refunded).toBe(sum(given.map((refund) => refund.amount)));
    const whole = charge.captured ? charge.amount_captured : charge.amount;
    expect(charge.amount_refunded).toBeLessThanOrEqual(whole);
    expect(charge.refunded).toBe(charge.amount_refunded === whole);
    expect(charge.disputed).toBe(disputes.some((dispute) => dispute.charge === charge.id));
  }
  const captured = sum(charges.map((charge) => charge.amount_captured));
  const isCaptured = (id: unknown) => charges.some((charge) => charge.id === id && charge.captured);
  const givenBack = refunds.filter((refund) => refund.status !== "failed" && isCaptured(refund.charge));
  const takenBack = disputes.flatMap((dispute) => dispute.balance_transactions);
  expect(sum(moves.map((move) => move.amount))).toBe(
    captured - sum(givenBack.map((refund) => refund.amount)) + sum(takenBack.map((move) => move.amount)),
  );
  for (const invoice of await all(stripe.invoices.list({ limit: 100, expand: ["data.payments"] }))) {
    const paid = (invoice.payments?.data ?? []).map((payment) => payment.amount_paid ?? 0);
    expect(sum(paid)).toBe(invoice.amount_paid);
    const behind = intents.filter((intent) =>
      invoice.payments?.data.some((payment) => payment.payment.payment_intent === intent.id),
    );
    expect(sum(behind.map((intent) => intent.amount_received))).toBe(invoice.amount_paid);
  }
}

/** The latest event of a charge, refund or dispute contains its current state. */
async function checkEvents(): Promise<void> {
  const { stripe } = sandbox;
  const latest = new Map<string, object>();
  for (const event of (await all(stripe.events.list({ limit: 100 }))).reverse()) {
    if ("id" in event.data.object) latest.set(String(event.data.object.id), event.data.object);
  }
  const kinds = [stripe.charges, stripe.refunds, stripe.disputes];
  for (const kind of kinds) {
    for await (const object of kind.list({ limit: 100 })) expect(latest.get(object.id)).toEqual(object);
  }
}

test("all objects agree on the amounts after any sequence of payments, captures, refunds and disputes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 12 }), async (steps) => {
      await sandbox.control("reset", {});
      price = (await createPlan(sandbox.stripe, "Pro", 1900)).month.id;
      for (const step of steps) {
        await perform(step).catch((error: unknown) => {
          const isRefusal =
            error instanceof Stripe.errors.StripeInvalidRequestError ||
            error instanceof Stripe.errors.StripeCardError;
          if (!isRefusal) throw error;
        });
      }
      await checkMoney();
      await checkEvents();
    }),
    { numRuns: randomRuns(40, 100) },
  );
}, 120_000);
