import type Stripe from "stripe";
import { balanceIn } from "#sandbox/stripe/customers/credit-balance.ts";
import { discountLines } from "#sandbox/stripe/invoices/discount-lines.ts";
import { buildLine, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { isTooSmall } from "#sandbox/stripe/payments/minimum-charge.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type BillingReason =
  | "subscription_create"
  | "subscription_cycle"
  | "subscription_update"
  | "manual"
  | "upcoming";
export type InvoiceInput = {
  /** The invoice's id, when it was assigned before (on its subscription). */
  id?: string;
  /** Whether it is finalized and collected automatically; true by default. */
  autoAdvance?: boolean;
  customer: Stripe.Customer;
  currency: string;
  subscription: Stripe.Subscription | null;
  reason: BillingReason;
  parts: LinePart[];
  period: { start: number; end: number };
  metadata?: Record<string, string>;
  description?: string | null;
  /** Discounts of the whole invoice, in the order they apply. */
  discounts?: DiscountTerms[];
  /**
   * The pending items that it bills: those of the subscription and those without one by default; every item
   * of the customer, the subscription's own, or none.
   */
  pendingItems?: "customer" | "subscription" | "none";
  /** When it is finalized automatically, in Unix seconds; by default one hour after creation. */
  finalizesAt?: number;
  /** Automatic tax of an invoice without a subscription; others use the subscription's setting. */
  automaticTax?: boolean;
  /** Fields of a manually created invoice that override the computed ones. */
  overrides?: Partial<Stripe.Invoice>;
};

export type BalanceApplication = {
  /** The amount charged now. */
  due: number;
  /** The customer's balance afterwards; negative is credit. */
  ending: number;
  /** An amount below the minimum charge, which is carried to the next invoice. */
  carried: number;
};

/**
 * Applies the customer's balance (negative: credit) to a total and returns the amount due and the new
 * balance.
 */
export function applyCustomerBalance(total: number, balance: number, currency: string): BalanceApplication {
  const owed = total + balance;
  if (isTooSmall(owed, currency)) return { due: 0, ending: owed, carried: owed };
  return { due: Math.max(0, owed), ending: Math.min(0, owed), carried: 0 };
}

/** Builds a draft invoice without storing it. */
export function buildInvoice(
  world: World,
  input: InvoiceInput,
  at: number,
  id = newStripeId("in"),
): Stripe.Invoice {
  const { customer, subscription, currency } = input;
  const isLive = ({ endsAt }: DiscountTerms) => endsAt === null || endsAt > at;
  const ofInvoice = (input.discounts ?? []).filter(isLive);
  const own = new Map(input.parts.flatMap((part) => (part.discounts ?? []).map((each) => [each.id, each])));
  const discounted = discountLines(
    input.parts.map((part) => buildLine(part, id, currency)),
    [...own.values()].filter(isLive),
    ofInvoice,
  );
  const { lines, total } = discounted;
  const daysUntilDue = subscription?.days_until_due ?? null;
  const balance = balanceIn(world, customer, currency);
  const { due } = applyCustomerBalance(total, balance, currency);
  return {
    id,
    object: "invoice",
    account_country: "US",
    account_name: "Sandbox",
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: input.autoAdvance ?? true,
    automatic_tax: automaticTaxOf(input),
    automatically_finalizes_at: null,
    billing_reason: input.reason,
    collection_method: subscription?.collection_method ?? "charge_automatically",
    created: at,
    currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: input.description ?? null,
    discounts: ofInvoice.map((terms) => terms.id),
    due_date: daysUntilDue === null ? null : at + daysUntilDue * 86_400,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: "list", data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: input.metadata ?? {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: subscription
      ? {
          type: "subscription_details",
          quote_details: null,
          subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
        }
      : null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: input.period.end,
    period_start: input.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: balance,
    statement_descriptor: null,
    status: "draft",
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: discounted.subtotal,
    subtotal_excluding_tax: discounted.subtotal,
    test_clock: customer.test_clock ?? null,
    total,
    total_discount_amounts: discounted.totals,
    total_excluding_tax: total,
    total_pretax_credit_amounts: discounted.credits,
    total_taxes: [],
    webhooks_delivered_at: at,
    ...input.overrides,
  };
}

/** Returns the automatic tax status. The account has no tax registrations, so the tax is always zero. */
function automaticTaxOf({ automaticTax, customer, subscription }: InvoiceInput): Stripe.Invoice.AutomaticTax {
  const isOn = subscription?.automatic_tax.enabled ?? automaticTax === true;
  if (!isOn) return { disabled_reason: null, enabled: false, liability: null, provider: null, status: null };
  const status = customer.address?.country ? "complete" : "requires_location_inputs";
  return { disabled_reason: null, enabled: true, liability: { type: "self" }, provider: "stripe", status };
}

/** Returns the subscription that an invoice bills, or null. */
export function findInvoiceSubscription(world: World, invoice: Stripe.Invoice): Stripe.Subscription | null {
  const ref = invoice.parent?.subscription_details?.subscription;
  if (ref === undefined) return null;
  return world.tables.subscriptions.get(typeof ref === "string" ? ref : ref.id) ?? null;
}
