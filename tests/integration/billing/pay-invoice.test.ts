import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { changePlan, previewChange } from "#lib/billing/change-plan.ts";
import { finishPayment, payInvoice, readConfirmation, readStanding } from "#lib/billing/actions/pay-invoice.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { payWithCard } from "#lib/gateways/stripe/payments.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  resetEnvironment,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
  vi.stubEnv("STRIPE_PUBLISHABLE_KEY", "pk_test_sandbox");
  resetEnvironment();
});
afterAll(() => world.close());

const failing = "pm_card_chargeCustomerFail";
const asking = "pm_card_authenticationRequired";

/** Somebody whose renewal could not be collected, and the invoice. */
async function owing(card: string): Promise<{ customer: Customer; customerId: string; invoiceId: string }> {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await changeCard(world.stripe, customerId, card);
  await world.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
  await syncCustomer(customerId);
  const [open] = (await world.stripe.invoices.list({ customer: customerId, status: "open" })).data;
  if (open === undefined) throw new Error("Nothing is owed.");
  return { customer, customerId, invoiceId: open.id };
}

async function useCard(customerId: string, card: string): Promise<void> {
  await changeCard(world.stripe, customerId, card);
  await syncCustomer(customerId);
}

const agreement = (invoiceId: string, cardLast4 = "4242") => ({
  invoiceId,
  amountMicros: 19_000_000,
  cardLast4,
});
const chargesOf = async (customerId: string) =>
  (await world.stripe.charges.list({ customer: customerId, limit: 100 })).data.filter(({ paid }) => paid);

/** The bank says yes, or no, as its page would. */
async function answerBank(clientSecret: string, outcome: "complete" | "fail"): Promise<void> {
  const body = new URLSearchParams({ outcome });
  await fetch(`${world.url}/authenticate/${clientSecret}`, { method: "POST", redirect: "manual", body });
}

async function secretOf(customer: Customer, invoiceId: string): Promise<string> {
  const confirmation = await readConfirmation(customer, invoiceId);
  if (confirmation.kind !== "embedded") throw new Error("It is not confirmed in place.");
  return confirmation.clientSecret;
}

test("an open invoice is paid with the card that was shown, and the plan is in good standing at once", async () => {
  const { customer, customerId, invoiceId } = await owing(failing);
  await useCard(customerId, "pm_card_visa");
  expect(await payInvoice(customer, agreement(invoiceId), now())).toEqual({ state: "paid" });
  expect(await subscriptionStateOf(world, customer)).toMatchObject({
    status: "active",
    pastDueSinceMs: null,
  });
  const row = { ...customer, workspaceCreatedAt: now() };
  expect((await readBilling(world.db, row, now())).problem).toBeNull();
});

test("two clicks, two tabs and a webhook in between pay once", async () => {
  const { customer, customerId, invoiceId } = await owing(failing);
  await useCard(customerId, "pm_card_visa");
  const before = (await chargesOf(customerId)).length;
  const outcomes = await Promise.all([
    payInvoice(customer, agreement(invoiceId), now()),
    syncCustomer(customerId),
    payInvoice(customer, agreement(invoiceId), now()),
    syncCustomer(customerId),
    payInvoice(customer, agreement(invoiceId), now()),
  ]);
  expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual(Array(3).fill({ state: "paid" }));
  expect(await chargesOf(customerId)).toHaveLength(before + 1);
});

test("an answer of Stripe's that was lost pays once", async () => {
  const { customerId, invoiceId } = await owing(failing);
  const { id } = await world.stripe.paymentMethods.attach("pm_card_visa", { customer: customerId });
  const before = (await chargesOf(customerId)).length;
  await world.control("chaos", { drop: true, failNextApi: "timeout_after_effect" });
  expect(await payWithCard(invoiceId, id)).toEqual({ kind: "paid" });
  expect(await chargesOf(customerId)).toHaveLength(before + 1);
});

test("a declined card says why, charges nothing, and may be tried again", async () => {
  const { customer, customerId, invoiceId } = await owing(failing);
  const agreed = { ...agreement(invoiceId), cardLast4: "0341" };
  const before = (await chargesOf(customerId)).length;
  for (const _ of [1, 2])
    await expect(payInvoice(customer, agreed, now())).rejects.toMatchObject({
      code: "payment_declined",
      message: expect.stringMatching(/^The bank declined the card\. Nothing was charged/),
    });
  expect(await chargesOf(customerId)).toHaveLength(before);
  expect(await readStanding(customer.workspaceId, invoiceId)).toMatchObject({ state: "open" });
});

test("M20: an amount or a card that is not the one shown is not charged", async () => {
  const { customer, customerId, invoiceId } = await owing(failing);
  await useCard(customerId, "pm_card_visa");
  const before = (await chargesOf(customerId)).length;
  for (const stale of [{ ...agreement(invoiceId), amountMicros: 18_000_000 }, agreement(invoiceId, "0341")])
    await expect(payInvoice(customer, stale, now())).rejects.toMatchObject({ code: "conflict" });
  expect(await chargesOf(customerId)).toHaveLength(before);
});

test("3-D Secure: a renewal that the bank asks about is confirmed in place, and the plan goes on", async () => {
  const { customer, customerId, invoiceId } = await owing(asking);
  expect(await readStanding(customer.workspaceId, invoiceId)).toMatchObject({ state: "confirm" });
  const paid = await payInvoice(customer, agreement(invoiceId, "3184"), now());
  expect(paid).toMatchObject({ state: "confirm", confirmation: { kind: "embedded" } });
  await answerBank(await secretOf(customer, invoiceId), "complete");
  expect(await finishPayment(customer, invoiceId)).toEqual({ state: "paid", declined: null });
  expect(await subscriptionStateOf(world, customer)).toMatchObject({ status: "active" });
  expect((await world.stripe.invoices.list({ customer: customerId, status: "open" })).data).toEqual([]);
});

test("3-D Secure: a challenge that fails says so and leaves the invoice payable, again and again", async () => {
  const { customer, invoiceId } = await owing(asking);
  for (const _ of [1, 2]) {
    await payInvoice(customer, agreement(invoiceId, "3184"), now());
    await answerBank(await secretOf(customer, invoiceId), "fail");
    expect(await finishPayment(customer, invoiceId)).toEqual({
      state: "open",
      declined: expect.stringContaining("not confirmed with the bank"),
    });
    await expect(readConfirmation(customer, invoiceId)).rejects.toMatchObject({ code: "conflict" });
  }
  await payInvoice(customer, agreement(invoiceId, "3184"), now());
  await answerBank(await secretOf(customer, invoiceId), "complete");
  expect(await finishPayment(customer, invoiceId)).toMatchObject({ state: "paid" });
});

test("3-D Secure: a change of plan that the bank asks about is confirmed by the same way", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await useCard(customerId, asking);
  // Travelling takes a moment, by which Stripe's clock is ahead of ours.
  const at = new Date(now().getTime() + 10_000);
  const preview = await previewChange(customer, "enterprise_month", at);
  if (preview === null) throw new Error("There is no preview.");
  const { dueNowMicros, reckonedAt } = preview;
  const agreed = { lookupKey: "enterprise_month", dueNowMicros, reckonedAt };
  const changed = await changePlan(customer, agreed, at);
  if (changed.state !== "confirm") throw new Error(`The change is ${changed.state}.`);
  await answerBank(await secretOf(customer, changed.invoiceId), "complete");
  expect(await finishPayment(customer, changed.invoiceId)).toMatchObject({ state: "paid" });
  expect(await subscriptionStateOf(world, customer)).toMatchObject({ lookupKey: "enterprise_month" });
});

test("an invoice of somebody else does not exist, and a member who may not spend pays nothing", async () => {
  const { customer, invoiceId } = await owing(failing);
  const stranger = await addCustomer(world);
  await subscribe(world, stranger, "pro_month");
  const notFound = { code: "not_found" };
  await expect(payInvoice(stranger, agreement(invoiceId), now())).rejects.toMatchObject(notFound);
  await expect(readConfirmation(stranger, invoiceId)).rejects.toMatchObject(notFound);
  await expect(readStanding(stranger.workspaceId, invoiceId)).rejects.toMatchObject(notFound);
  await expect(finishPayment(stranger, invoiceId)).rejects.toMatchObject(notFound);
  const member = { ...customer, memberRole: "member" as const };
  await expect(payInvoice(member, agreement(invoiceId), now())).rejects.toMatchObject({ code: "forbidden" });
  await expect(readConfirmation(member, invoiceId)).rejects.toMatchObject({ code: "forbidden" });
});
