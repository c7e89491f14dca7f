import type Stripe from "stripe";
import { checkoutPriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { adjustableQuantity, sessionOptionParams } from "#sandbox/stripe/checkout/session-options.ts";
import { shippingParams } from "#sandbox/stripe/customers/address-params.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import {
  count,
  flag,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { billingModeParam } from "#sandbox/stripe/subscriptions/change-params.ts";

/** The parameters of a new Checkout session. */
export const sessionParams = paramsOf<Stripe.Checkout.SessionCreateParams>()({
  ...sessionOptionParams,
  mode: required(oneOf("payment", "subscription", "setup")),
  line_items: list(
    object({
      adjustable_quantity: adjustableQuantity,
      metadata: pairs(),
      price: text(),
      price_data: checkoutPriceData,
      quantity: count(),
    }),
  ),
  success_url: text(),
  cancel_url: text(),
  customer: text(),
  customer_email: email(),
  customer_creation: oneOf("always", "if_required"),
  customer_update: object({ address: oneOf("auto", "never"), name: oneOf("auto", "never") }),
  client_reference_id: text(),
  discounts: list(object({ coupon: text(), promotion_code: text() })),
  metadata: pairs(),
  allow_promotion_codes: flag(),
  automatic_tax: object({ enabled: required(flag()) }),
  expires_at: whole(),
  invoice_creation: object({ enabled: required(flag()) }),
  locale: text(),
  payment_method_collection: oneOf("always", "if_required"),
  payment_intent_data: object({
    description: text(),
    metadata: pairs(),
    receipt_email: email(),
    setup_future_usage: oneOf("off_session", "on_session"),
    shipping: shippingParams,
  }),
  saved_payment_method_options: object({ payment_method_save: oneOf("enabled", "disabled") }),
  tax_id_collection: object({ enabled: required(flag()) }),
  subscription_data: object({
    billing_mode: billingModeParam,
    description: text(),
    metadata: pairs(),
    trial_end: whole(),
    trial_period_days: whole(),
    trial_settings: object({
      end_behavior: object({ missing_payment_method: oneOf("cancel", "create_invoice", "pause") }),
    }),
  }),
  allowed_payment_method_types: list(oneOf("card", "sepa_debit")),
  currency: currency(),
  redirect_on_completion: oneOf("always", "if_required", "never"),
  return_url: text(),
  setup_intent_data: object({ description: text(), metadata: pairs() }),
  ui_mode: oneOf("hosted_page", "embedded_page"),
});
export type SessionParams = ReturnType<typeof sessionParams>;
