import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { applyDiscounts } from "#sandbox/stripe/discounts/apply-discounts.ts";
import { findRequestedTerms } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { idOf, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type SessionInput = {
  mode: "payment" | "subscription" | "setup";
  customer: string | null;
  customerEmail: string | null;
  customerCreation: "always" | "if_required" | null;
  clientReferenceId: string | null;
  successUrl: string | null;
  /** Redirect behavior of an embedded page; null for a hosted page. */
  embedded: { redirect: "always" | "if_required" | "never"; returnUrl: string | null } | null;
  cancelUrl: string | null;
  metadata: Record<string, string>;
  allowPromotionCodes: boolean | null;
  invoiceCreation: boolean;
  paymentMethodCollection: "always" | "if_required" | null;
  locale: string | null;
  expiresAt: number;
  currency: string | null;
  methodTypes: string[] | null;
  automaticTax: boolean;
  taxIdCollection: boolean;
  /** Fields that repeat the parameters of the page. */
  options: Partial<Stripe.Checkout.Session>;
};

/** Returns the amount of the order that is due now; recurring prices are not due during a trial. */
export function orderAmountDue(world: World, order: CheckoutOrder): number {
  return lineItemsDue(world, order).reduce((sum, line) => sum + line.amount_total, 0);
}

/** Returns the line items due now; recurring prices are not due during a trial. */
export function lineItemsDue(world: World, order: CheckoutOrder): Stripe.LineItem[] {
  return toLineItems(world, order).filter((line) => isDueNow(order, line));
}

function isDueNow(order: CheckoutOrder, line: Stripe.LineItem): boolean {
  const hasTrial = order.trialPeriodDays !== null || order.trialEnd !== null;
  return !(hasTrial && line.price?.recurring);
}

/** Returns the order's line items as Stripe lists them, with discounts applied to those due now. */
export function toLineItems(world: World, order: CheckoutOrder): Stripe.LineItem[] {
  const lines = toUndiscountedItems(world, order);
  const discounted = lines.map((line) => ({
    amount: line.amount_subtotal,
    currency: line.currency,
    discountable: isDueNow(order, line),
    discounts: [],
    pricing: line.price && {
      type: "price_details" as const,
      price_details: { price: line.price.id, product: idOf(line.price.product) },
      unit_amount_decimal: null,
    },
  }));
  const { byLine } = applyDiscounts(discounted, [], findRequestedTerms(world, order.discounts));
  return lines.map((line, position) => {
    const discountTotal = (byLine[position] ?? []).reduce((sum, each) => sum + each.amount, 0);
    return { ...line, amount_discount: discountTotal, amount_total: line.amount_subtotal - discountTotal };
  });
}

function toUndiscountedItems(world: World, order: CheckoutOrder): Stripe.LineItem[] {
  return order.lines.flatMap((line) => {
    const price = world.tables.prices.get(line.price);
    if (!price) return [];
    // Metered usage is not known yet.
    const amount = price.recurring?.usage_type === "metered" ? 0 : amountFor(world, price, line.quantity);
    return {
      id: line.id,
      object: "item" as const,
      adjustable_quantity: line.adjustable ?? null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: findProductName(world, price),
      metadata: null,
      price,
      quantity: line.quantity,
    };
  });
}

/** Builds an open session without storing it. */
export function buildSession(
  world: World,
  input: SessionInput,
  amount: number,
  at: number,
): Stripe.Checkout.Session {
  const id = newStripeId("cs_test", 58);
  const { embedded } = input;
  return {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: input.allowPromotionCodes,
    allowed_payment_method_types: input.methodTypes,
    amount_subtotal: input.mode === "setup" ? null : amount,
    amount_total: input.mode === "setup" ? null : amount,
    automatic_tax: input.automaticTax
      ? { enabled: true, liability: { type: "self" }, provider: "stripe", status: "requires_location_inputs" }
      : { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: input.cancelUrl,
    client_reference_id: input.clientReferenceId,
    client_secret: embedded && `${id}_secret_${randomLetters(60)}`,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: at,
    currency: input.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: input.customer,
    customer_account: null,
    customer_creation: input.customer
      ? null
      : (input.customerCreation ?? (input.mode === "subscription" ? "always" : "if_required")),
    customer_details: null,
    customer_email: input.customerEmail,
    discounts: [],
    expires_at: input.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation:
      input.mode === "payment"
        ? {
            enabled: input.invoiceCreation,
            invoice_data: {
              account_tax_ids: null,
              custom_fields: null,
              description: null,
              footer: null,
              issuer: null,
              metadata: {},
              rendering_options: null,
            },
          }
        : null,
    livemode: false,
    locale: input.locale,
    managed_payments: null,
    metadata: input.metadata,
    mode: input.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection:
      input.mode === "subscription" ? (input.paymentMethodCollection ?? "always") : null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: input.methodTypes ?? ["card"],
    payment_status: input.mode === "setup" ? "no_payment_required" : "unpaid",
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    ...(embedded
      ? {
          redirect_on_completion: embedded.redirect,
          ...(embedded.returnUrl === null ? {} : { return_url: embedded.returnUrl }),
        }
      : {}),
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: input.successUrl,
    ...(input.taxIdCollection ? { tax_id_collection: { enabled: true, required: "never" as const } } : {}),
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: embedded ? "embedded_page" : "hosted_page",
    url: embedded ? null : `${world.baseUrl}/c/pay/${id}`,
    wallet_options: null,
    ...input.options,
  };
}
