import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { changePlan } from "#lib/billing/actions/change-plan.ts";
import {
  finishPayment,
  payInvoice,
  readConfirmation,
  readPaymentStatus,
} from "#lib/billing/actions/pay-invoice.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { errorReason } from "#lib/core/errors.ts";
import { payWithCard } from "#lib/gateways/stripe/payments.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readSubscriptionState,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
  vi.stubEnv("STRIPE_PUBLISHABLE_KEY", "pk_test_sandbox");
  resetEnvCaches();
});
afterAll(() => testEnv.close());

const failingCard = "pm_card_chargeCustomerFail";
const needsAuthentication = "pm_card_authenticationRequired";

/** Creates a customer whose renewal failed. @returns the customer and the open invoice */
async function createOpenInvoice(
  card: string,
): Promise<{ customer: Customer; customerId: string; invoiceId: string }> {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await changeCard(testEnv.stripe, customerId, card);
  await testEnv.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
  await syncCustomer(customerId);
  const [open] = (await testEnv.stripe.invoices.list({ customer: customerId, status: "open" })).data;
  if (open === undefined) throw new Error("Nothing is owed.");
  return { customer, customerId, invoiceId: open.id };
}

async function useCard(customerId: string, card: string): Promise<void> {
  await changeCard(testEnv.stripe, customerId, card);
  await syncCustomer(customerId);
}

const acceptedPayment = (invoiceId: string, cardLast4 = "4242") => ({
  invoiceId,
  amountMicros: 19_000_000,
  cardLast4,
});
const chargesOf = async (customerId: string) =>
  (await testEnv.stripe.charges.list({ customer: customerId, limit: 100 })).data.filter(({ paid }) => paid);

/** Answers the bank's 3-D Secure page. */
async function answerBank(clientSecret: string, outcome: "complete" | "fail"): Promise<void> {
  const body = new URLSearchParams({ outcome });
  await fetch(`${testEnv.url}/authenticate/${clientSecret}`, { method: "POST", redirect: "manual", body });
}

async function readClientSecret(customer: Customer, invoiceId: string): Promise<string> {
  const confirmation = await readConfirmation(customer, invoiceId);
  if (confirmation.kind !== "embedded") throw new Error("It is not confirmed in place.");
  return confirmation.clientSecret;
}

test("paying an open invoice with the shown card restores good standing at once", async () => {
  const { customer, customerId, invoiceId } = await createOpenInvoice(failingCard);
  await useCard(customerId, "pm_card_visa");
  expect(await payInvoice(customer, acceptedPayment(invoiceId), now())).toEqual({ state: "paid" });
  expect(await readSubscriptionState(testEnv, customer)).toMatchObject({
    status: "active",
    pastDueSinceMs: null,
  });
  const row = { ...customer, workspaceCreatedAt: now() };
  expect((await readBillingOverview(testEnv.db, row, now())).problem).toBeNull();
});

test("concurrent payments and syncs charge an invoice once", async () => {
  const { customer, customerId, invoiceId } = await createOpenInvoice(failingCard);
  await useCard(customerId, "pm_card_visa");
  const before = (await chargesOf(customerId)).length;
  const outcomes = await Promise.all([
    payInvoice(customer, acceptedPayment(invoiceId), now()),
    syncCustomer(customerId),
    payInvoice(customer, acceptedPayment(invoiceId), now()),
    syncCustomer(customerId),
    payInvoice(customer, acceptedPayment(invoiceId), now()),
  ]);
  expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual(Array(3).fill({ state: "paid" }));
  expect(await chargesOf(customerId)).toHaveLength(before + 1);
});

test("a payment whose response was lost charges once", async () => {
  const { customerId, invoiceId } = await createOpenInvoice(failingCard);
  const { id } = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer: customerId });
  const before = (await chargesOf(customerId)).length;
  await testEnv.control("chaos", { drop: true, failNextApi: "timeout_after_effect" });
  expect(await payWithCard(invoiceId, id)).toEqual({ kind: "paid" });
  expect(await chargesOf(customerId)).toHaveLength(before + 1);
});

test("a declined payment gives the reason, charges nothing and can be tried again", async () => {
  const { customer, customerId, invoiceId } = await createOpenInvoice(failingCard);
  const accepted = { ...acceptedPayment(invoiceId), cardLast4: "0341" };
  const before = (await chargesOf(customerId)).length;
  for (const _ of [1, 2])
    await expect(payInvoice(customer, accepted, now())).rejects.toMatchObject({
      code: "payment_declined",
      message: expect.stringMatching(/^Your bank declined the card\. You haven’t been charged/),
    });
  expect(await chargesOf(customerId)).toHaveLength(before);
  expect(await readPaymentStatus(customer.workspaceId, invoiceId)).toMatchObject({ state: "open" });
});

test("M20: a payment is rejected when the amount or the card differs from the shown one", async () => {
  const { customer, customerId, invoiceId } = await createOpenInvoice(failingCard);
  await useCard(customerId, "pm_card_visa");
  const before = (await chargesOf(customerId)).length;
  for (const stale of [
    { ...acceptedPayment(invoiceId), amountMicros: 18_000_000 },
    acceptedPayment(invoiceId, "0341"),
  ])
    await expect(payInvoice(customer, stale, now())).rejects.toMatchObject({ code: "conflict" });
  expect(await chargesOf(customerId)).toHaveLength(before);
});

test("a renewal that needs 3-D Secure is confirmed in place and the plan continues", async () => {
  const { customer, customerId, invoiceId } = await createOpenInvoice(needsAuthentication);
  expect(await readPaymentStatus(customer.workspaceId, invoiceId)).toMatchObject({ state: "confirm" });
  const paid = await payInvoice(customer, acceptedPayment(invoiceId, "3184"), now());
  expect(paid).toMatchObject({ state: "confirm", confirmation: { kind: "embedded" } });
  await answerBank(await readClientSecret(customer, invoiceId), "complete");
  expect(await finishPayment(customer, invoiceId)).toEqual({ state: "paid", declined: null });
  expect(await readSubscriptionState(testEnv, customer)).toMatchObject({ status: "active" });
  expect((await testEnv.stripe.invoices.list({ customer: customerId, status: "open" })).data).toEqual([]);
});

test("a failed 3-D Secure challenge is reported and leaves the invoice payable, repeatedly", async () => {
  const { customer, invoiceId } = await createOpenInvoice(needsAuthentication);
  for (const _ of [1, 2]) {
    await payInvoice(customer, acceptedPayment(invoiceId, "3184"), now());
    await answerBank(await readClientSecret(customer, invoiceId), "fail");
    expect(await finishPayment(customer, invoiceId)).toEqual({
      state: "open",
      declined: errorReason("declined", { cause: "confirmationFailed" }),
    });
    await expect(readConfirmation(customer, invoiceId)).rejects.toMatchObject({ code: "conflict" });
  }
  await payInvoice(customer, acceptedPayment(invoiceId, "3184"), now());
  await answerBank(await readClientSecret(customer, invoiceId), "complete");
  expect(await finishPayment(customer, invoiceId)).toMatchObject({ state: "paid" });
});

test("a plan change that needs 3-D Secure is confirmed in place", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await useCard(customerId, needsAuthentication);
  // Advancing the clocks takes a moment, so Stripe's clock is slightly ahead of ours.
  const at = new Date(now().getTime() + 10_000);
  const preview = await previewChange(customer, "enterprise_month", at);
  if (preview === null) throw new Error("There is no preview.");
  const { dueNowMicros, prorationDate } = preview;
  const accepted = { lookupKey: "enterprise_month", dueNowMicros, prorationDate };
  const changed = await changePlan(customer, accepted, at);
  if (changed.state !== "confirm") throw new Error(`The change is ${changed.state}.`);
  await answerBank(await readClientSecret(customer, changed.invoiceId), "complete");
  expect(await finishPayment(customer, changed.invoiceId)).toMatchObject({ state: "paid" });
  expect(await readSubscriptionState(testEnv, customer)).toMatchObject({ lookupKey: "enterprise_month" });
});

test("another workspace's invoice is a 404, and a member without billing rights cannot pay", async () => {
  const { customer, invoiceId } = await createOpenInvoice(failingCard);
  const otherCustomer = await addCustomer(testEnv);
  await subscribe(testEnv, otherCustomer, "pro_month");
  const notFound = { code: "not_found" };
  await expect(payInvoice(otherCustomer, acceptedPayment(invoiceId), now())).rejects.toMatchObject(notFound);
  await expect(readConfirmation(otherCustomer, invoiceId)).rejects.toMatchObject(notFound);
  await expect(readPaymentStatus(otherCustomer.workspaceId, invoiceId)).rejects.toMatchObject(notFound);
  await expect(finishPayment(otherCustomer, invoiceId)).rejects.toMatchObject(notFound);
  const member = { ...customer, memberRole: "member" as const };
  await expect(payInvoice(member, acceptedPayment(invoiceId), now())).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(readConfirmation(member, invoiceId)).rejects.toMatchObject({ code: "forbidden" });
});
