import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { invoices } from "#db/schema/billing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type AcceptedPayment, decidePayment } from "#lib/billing/actions/decide-payment.ts";
import { declineReason } from "#lib/billing/actions/decline-reason.ts";
import { type StripeJs, stripeJs } from "#lib/billing/actions/stripe-js.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { findDefaultCard } from "#lib/billing/customer/default-card.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { applyCustomerState, syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { AppError, type ErrorReason, errorReason, notFound } from "#lib/core/errors.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { payWithCard, readPayment, type StripePayment } from "#lib/gateways/stripe/payments.ts";

/**
 * Where the bank's confirmation happens: embedded in our page, or on Stripe's page when Stripe.js is not
 * configured.
 */
export type Confirmation =
  | { kind: "embedded"; stripeJs: StripeJs; clientSecret: string }
  | { kind: "hosted"; url: string };

/** The result of a payment: paid, or waiting for the bank's confirmation. */
export type PaymentResult = { state: "paid" } | { state: "confirm"; confirmation: Confirmation };

type AttemptResult = { state: "paid" } | { state: "confirm" } | { state: "declined"; code: string };

/**
 * Pays an open invoice with the default card, for the accepted amount and card (M20). Concurrent calls and
 * webhooks pay it once.
 * @throws AppError forbidden, not_found, conflict (something has changed since it was shown),
 *   payment_declined with the reason as its message, billing_unavailable; nothing was charged then
 */
export const payInvoice = traced(
  "billing.payInvoice",
  async (admin: BillingAdmin, accepted: AcceptedPayment, at: Date): Promise<PaymentResult> => {
    requireBillingAdmin(admin);
    const { workspaceId } = admin;
    const { invoiceId } = accepted;
    const customerId = await requireCustomerOfInvoice(workspaceId, invoiceId);
    const attempt = await withCustomerLock(workspaceId, (tx) =>
      attemptPayment(tx, admin, customerId, accepted, at),
    );
    if (attempt.state === "declined")
      throw new AppError("payment_declined", { reason: declineReason(attempt.code) });
    if (attempt.state === "paid") return attempt;
    return { state: "confirm", confirmation: toConfirmation(await readPayment(invoiceId)) };
  },
);

async function attemptPayment(
  tx: Tx,
  { workspaceId, userId }: BillingAdmin,
  customerId: string,
  accepted: AcceptedPayment,
  at: Date,
): Promise<AttemptResult> {
  const { invoiceId } = accepted;
  const [state, payment] = await Promise.all([fetchCustomer(customerId), readPayment(invoiceId)]);
  if (payment.customerId !== customerId) throw notFound("invoice");
  const decision = decidePayment(payment, findDefaultCard(state), accepted);
  if (decision.kind === "paid") {
    await applyCustomerState(tx, workspaceId, state, at);
    return { state: "paid" };
  }
  if (decision.kind === "confirm") return { state: "confirm" };
  const charged = await payWithCard(invoiceId, decision.methodId);
  await applyCustomerState(tx, workspaceId, await fetchCustomer(customerId), at);
  const data = { outcome: charged.kind, amountMicros: accepted.amountMicros };
  const entry = { action: "invoice.paid_by_hand", actorUserId: userId, workspaceId, target: invoiceId, data };
  await recordAudit(tx, entry, at);
  if (charged.kind === "declined") return { state: "declined", code: charged.code };
  return { state: charged.kind === "paid" ? "paid" : "confirm" };
}

/** The state of an invoice's payment; `declined` says why an attempt was declined. */
export type PaymentStatus = { state: "paid" | "confirm" | "open" | "closed"; declined: ErrorReason | null };

/**
 * Reads the state of an invoice's payment from Stripe.
 * @throws AppError not_found, also for another workspace's invoice, billing_unavailable
 */
export async function readPaymentStatus(workspaceId: string, invoiceId: string): Promise<PaymentStatus> {
  await requireCustomerOfInvoice(workspaceId, invoiceId);
  return toStatus(await readPayment(invoiceId));
}

/**
 * Returns what a browser needs for the bank's confirmation of an open invoice.
 * @throws AppError forbidden, not_found (also for another workspace's invoice), conflict (no confirmation is
 *   needed any more), billing_unavailable
 */
export async function readConfirmation(admin: BillingAdmin, invoiceId: string): Promise<Confirmation> {
  requireBillingAdmin(admin);
  await requireCustomerOfInvoice(admin.workspaceId, invoiceId);
  const payment = await readPayment(invoiceId);
  if (payment.status !== "open" || !payment.needsAction)
    throw new AppError("conflict", { reason: errorReason("nothingToConfirm") });
  return toConfirmation(payment);
}

/**
 * Syncs the customer after the bank's dialog closed, and returns the payment's state from Stripe.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export async function finishPayment(admin: BillingAdmin, invoiceId: string): Promise<PaymentStatus> {
  requireBillingAdmin(admin);
  const customerId = await requireCustomerOfInvoice(admin.workspaceId, invoiceId);
  await syncCustomer(customerId);
  return toStatus(await readPayment(invoiceId));
}

function toStatus({ status, needsAction, declineCode }: StripePayment): PaymentStatus {
  if (status === "paid") return { state: "paid", declined: null };
  if (status !== "open") return { state: "closed", declined: null };
  if (needsAction) return { state: "confirm", declined: null };
  return { state: "open", declined: declineCode === null ? null : declineReason(declineCode) };
}

function toConfirmation({ clientSecret, hostedUrl }: StripePayment): Confirmation {
  const script = stripeJs();
  if (script !== null && clientSecret !== null) return { kind: "embedded", stripeJs: script, clientSecret };
  if (hostedUrl === null) throw new AppError("billing_unavailable");
  return { kind: "hosted", url: hostedUrl };
}

/** Returns the customer of a workspace's invoice; throws not_found for another workspace's invoice. */
async function requireCustomerOfInvoice(workspaceId: string, invoiceId: string): Promise<string> {
  const [invoice] = await db()
    .select({ id: invoices.id })
    .from(invoices)
    .where(and(eq(invoices.id, invoiceId), eq(invoices.workspaceId, workspaceId)));
  const customerId = invoice === undefined ? null : await findCustomerId(db(), workspaceId);
  if (customerId === null) throw notFound("invoice");
  return customerId;
}
