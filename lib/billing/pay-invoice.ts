import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { invoices } from "#db/schema/billing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { chargedCardOf } from "#lib/billing/charged-card.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { decidePayment, type PaymentAgreement } from "#lib/billing/decide-payment.ts";
import { declineInWords } from "#lib/billing/decline-in-words.ts";
import { fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { type StripeJs, stripeJs } from "#lib/billing/stripe-js.ts";
import { applyCustomer, syncCustomer } from "#lib/billing/sync.ts";
import { payWithCard, readPayment, type StripePayment } from "#lib/gateways/stripe-payments.ts";
import { AppError, notFound } from "#lib/ground/errors.ts";

/** How a bank is asked: inside our page, or on Stripe's where Stripe.js is not configured. */
export type Confirmation =
  | { kind: "embedded"; stripeJs: StripeJs; clientSecret: string }
  | { kind: "hosted"; url: string };

/** What became of a payment: done, or waiting for the bank to be asked. */
export type Paid = { state: "paid" } | { state: "confirm"; confirmation: Confirmation };

type Attempt = { state: "paid" } | { state: "confirm" } | { state: "declined"; code: string };

/**
 * Pays an open invoice with the card on file, for the amount and by the card that were shown (M20). Two clicks, two tabs and
 * a webhook in between pay once.
 * @throws AppError forbidden, not_found, conflict (something has changed since it was shown), payment_declined with the
 *   reason in words, billing_unavailable; nothing was charged then
 */
export async function payInvoice(payer: Payer, agreement: PaymentAgreement, at: Date): Promise<Paid> {
  requirePayer(payer);
  const { workspaceId } = payer;
  const { invoiceId } = agreement;
  const customerId = await payerOf(workspaceId, invoiceId);
  const attempt = await withCustomerLock(workspaceId, (tx) =>
    attemptPayment(tx, payer, customerId, agreement, at),
  );
  if (attempt.state === "declined")
    throw new AppError("payment_declined", { message: declineInWords(attempt.code) });
  if (attempt.state === "paid") return attempt;
  return { state: "confirm", confirmation: confirmationOf(await readPayment(invoiceId)) };
}

async function attemptPayment(
  tx: Tx,
  { workspaceId, userId }: Payer,
  customerId: string,
  agreement: PaymentAgreement,
  at: Date,
): Promise<Attempt> {
  const { invoiceId } = agreement;
  const [state, payment] = await Promise.all([fetchCustomer(customerId), readPayment(invoiceId)]);
  if (payment.customerId !== customerId) throw notFound("invoice");
  const decision = decidePayment(payment, chargedCardOf(state), agreement);
  if (decision.kind === "paid") {
    await applyCustomer(tx, workspaceId, state, at);
    return { state: "paid" };
  }
  if (decision.kind === "confirm") return { state: "confirm" };
  const charged = await payWithCard(invoiceId, decision.methodId);
  await applyCustomer(tx, workspaceId, await fetchCustomer(customerId), at);
  const data = { outcome: charged.kind, amountMicros: agreement.amountMicros };
  const entry = { action: "invoice.paid_by_hand", actorUserId: userId, workspaceId, target: invoiceId, data };
  await recordAudit(tx, entry, at);
  if (charged.kind === "declined") return { state: "declined", code: charged.code };
  return { state: charged.kind === "paid" ? "paid" : "confirm" };
}

/** Where the payment of an open invoice stands, and why it was declined, in words. */
export type PaymentStanding = { state: "paid" | "confirm" | "open" | "closed"; declined: string | null };

/**
 * Whether an open invoice waits for the bank, as Stripe says in this moment.
 * @throws AppError not_found, also for an invoice of somebody else, billing_unavailable
 */
export async function readStanding(workspaceId: string, invoiceId: string): Promise<PaymentStanding> {
  await payerOf(workspaceId, invoiceId);
  return standingOf(await readPayment(invoiceId));
}

/**
 * Gives what a browser needs to ask the bank about an open invoice.
 * @throws AppError forbidden, not_found (also for an invoice of somebody else), conflict (the bank does not wait any more),
 *   billing_unavailable
 */
export async function readConfirmation(payer: Payer, invoiceId: string): Promise<Confirmation> {
  requirePayer(payer);
  await payerOf(payer.workspaceId, invoiceId);
  const payment = await readPayment(invoiceId);
  if (payment.status !== "open" || !payment.needsAction)
    throw new AppError("conflict", { message: "There is nothing to confirm any more. Please look again." });
  return confirmationOf(payment);
}

/**
 * The bank has answered, or was put away. What came of it is learnt from Stripe.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export async function finishPayment(payer: Payer, invoiceId: string): Promise<PaymentStanding> {
  requirePayer(payer);
  const customerId = await payerOf(payer.workspaceId, invoiceId);
  await syncCustomer(customerId);
  return standingOf(await readPayment(invoiceId));
}

function standingOf({ status, needsAction, declineCode }: StripePayment): PaymentStanding {
  if (status === "paid") return { state: "paid", declined: null };
  if (status !== "open") return { state: "closed", declined: null };
  if (needsAction) return { state: "confirm", declined: null };
  return { state: "open", declined: declineCode === null ? null : declineInWords(declineCode) };
}

function confirmationOf({ clientSecret, hostedUrl }: StripePayment): Confirmation {
  const script = stripeJs();
  if (script !== null && clientSecret !== null) return { kind: "embedded", stripeJs: script, clientSecret };
  if (hostedUrl === null) throw new AppError("billing_unavailable");
  return { kind: "hosted", url: hostedUrl };
}

/** The customer who pays an invoice of this workspace; an invoice of another one does not exist. */
async function payerOf(workspaceId: string, invoiceId: string): Promise<string> {
  const [known] = await db()
    .select({ id: invoices.id })
    .from(invoices)
    .where(and(eq(invoices.id, invoiceId), eq(invoices.workspaceId, workspaceId)));
  const customerId = known === undefined ? null : await findCustomerOf(db(), workspaceId);
  if (customerId === null) throw notFound("invoice");
  return customerId;
}
