import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  failureOf,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** A disputed payment and its dispute. */
async function disputed(
  card = "pm_card_createDispute",
): Promise<{ charge: string; dispute: Stripe.Dispute }> {
  const { stripe } = sandbox;
  const paid = await stripe.paymentIntents.create({
    amount: 5000,
    currency: "usd",
    confirm: true,
    payment_method: card,
  });
  const [dispute] = (await stripe.disputes.list({ payment_intent: paid.id })).data;
  if (!dispute) throw new Error("nobody disputed the payment");
  return { charge: String(paid.latest_charge), dispute };
}

const answer = (id: string, text: string, submit?: boolean) =>
  sandbox.stripe.disputes.update(id, {
    evidence: { uncategorized_text: text, customer_name: "Ada" },
    ...(submit === undefined ? {} : { submit }),
  });
const disputeEvents = async () =>
  (await all(sandbox.stripe.events.list({ limit: 100 })))
    .map(({ type }) => type.replace("charge.dispute.", ""))
    .filter((type) => !type.includes("."))
    .reverse();
/** The balance of the payments without Stripe's fees. */
const balance = async () => {
  const moves = await all(sandbox.stripe.balanceTransactions.list({ limit: 100 }));
  return moves.reduce((sum, move) => sum + move.net, 0);
};

describe("disputes", () => {
  test("a dispute withdraws amount and fee, marks the charge and blocks refunds", async () => {
    const { stripe } = sandbox;
    const { charge, dispute } = await disputed();
    expect(dispute).toMatchObject({ amount: 5000, status: "needs_response", reason: "fraudulent" });
    expect(dispute.balance_transactions).toMatchObject([{ amount: -5000, fee: 1500, net: -6500 }]);
    expect(await balance()).toBe(5000 - 175 - 6500);
    expect((await stripe.charges.retrieve(charge)).disputed).toBe(true);
    expect((await failureOf(stripe.refunds.create({ charge }))).code).toBe("charge_disputed");
    expect(await disputeEvents()).toEqual(["created", "funds_withdrawn"]);
  });

  test("a won dispute returns amount and fee", async () => {
    const { dispute } = await disputed();
    const won = await answer(dispute.id, "winning_evidence");
    expect(won).toMatchObject({ status: "won", evidence: { customer_name: "Ada" } });
    expect(won.evidence_details).toMatchObject({ has_evidence: true, submission_count: 1 });
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-6500, 6500]);
    expect(await balance()).toBe(5000 - 175);
    expect(await disputeEvents()).toEqual([
      "created",
      "funds_withdrawn",
      "updated",
      "closed",
      "funds_reinstated",
    ]);
    expect((await failureOf(answer(dispute.id, "losing_evidence"))).param).toBe("evidence");
  });

  test("a lost or accepted dispute returns nothing", async () => {
    const { stripe } = sandbox;
    const lost = await answer((await disputed()).dispute.id, "losing_evidence");
    const { dispute } = await disputed("pm_card_createDisputeProductNotReceived");
    expect(dispute.reason).toBe("product_not_received");
    const closed = await stripe.disputes.close(dispute.id);
    expect([lost.status, closed.status]).toEqual(["lost", "lost"]);
    expect(await balance()).toBe(2 * (5000 - 175 - 6500));
  });

  test("dispute evidence can be saved before it is submitted", async () => {
    const { stripe } = sandbox;
    const { dispute } = await disputed();
    const staged = await answer(dispute.id, "winning_evidence", false);
    expect([staged.status, staged.evidence_details.submission_count]).toEqual(["needs_response", 0]);
    expect((await stripe.disputes.update(dispute.id, { submit: true })).status).toBe("won");
  });

  test("a dispute stays open with neutral evidence and is lost without a response", async () => {
    const { stripe } = sandbox;
    const { dispute } = await disputed();
    expect((await answer(dispute.id, "the parcel arrived")).status).toBe("under_review");
    const silent = await disputed();
    await sandbox.control("clock/advance", { to: silent.dispute.evidence_details.due_by ?? 0 });
    expect((await stripe.disputes.retrieve(silent.dispute.id)).status).toBe("lost");
    expect((await stripe.disputes.retrieve(dispute.id)).status).toBe("under_review");
  });

  test("a dispute after a partial refund covers only the remaining amount", async () => {
    const { stripe } = sandbox;
    const paid = await stripe.paymentIntents.create({
      amount: 5000,
      currency: "usd",
      confirm: true,
      payment_method: "pm_card_visa",
    });
    await stripe.refunds.create({ payment_intent: paid.id, amount: 2000 });
    const dispute = await sandbox.control(`charges/${paid.latest_charge}/dispute`, {
      kind: "product_not_received",
    });
    expect(dispute).toMatchObject({ amount: 3000, reason: "product_not_received" });
    await expect(sandbox.control(`charges/${paid.latest_charge}/dispute`, {})).rejects.toThrow(
      "nothing left",
    );
  });
});

describe("inquiries", () => {
  test("an inquiry withdraws no money, allows a refund and closes as warning_closed", async () => {
    const { stripe } = sandbox;
    const { charge, dispute } = await disputed("pm_card_createDisputeInquiry");
    expect(dispute).toMatchObject({ status: "warning_needs_response", is_charge_refundable: true });
    expect(dispute.balance_transactions).toEqual([]);
    expect((await stripe.refunds.create({ charge, amount: 1000 })).status).toBe("succeeded");
    expect((await answer(dispute.id, "winning_evidence")).status).toBe("warning_closed");
    expect(await disputeEvents()).toEqual(["created", "updated", "closed"]);
  });

  test("an inquiry can become a dispute", async () => {
    const { dispute } = await disputed("pm_card_createDisputeInquiry");
    const escalated = await answer(dispute.id, "escalate_inquiry_evidence");
    expect(escalated).toMatchObject({ status: "needs_response", is_charge_refundable: false });
    expect(escalated.balance_transactions).toHaveLength(1);
  });
});

describe("the dashboard", () => {
  test("the dashboard refunds one charge and disputes another", async () => {
    const { stripe } = sandbox;
    const pay = () =>
      stripe.paymentIntents.create({
        amount: 900,
        currency: "usd",
        confirm: true,
        payment_method: "pm_card_visa",
      });
    const press = (action: string, charge: string) =>
      fetch(`${sandbox.url}/payments`, { method: "POST", body: new URLSearchParams({ action, charge }) });
    const [disputed, refunded] = [String((await pay()).latest_charge), String((await pay()).latest_charge)];
    await press("dispute", disputed);
    const page = await (await press("refund", refunded)).text();
    expect(page).toContain("disputed: needs response");
    expect(page).toContain("refunded");
    expect((await stripe.charges.retrieve(refunded)).refunded).toBe(true);
    expect((await stripe.disputes.list({ charge: disputed })).data).toHaveLength(1);
  });
});
