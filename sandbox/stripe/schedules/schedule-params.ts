import type Stripe from "stripe";
import { recurringPriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import {
  clearable,
  count,
  either,
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
import {
  addInvoiceItemsParam,
  billingModeParam,
  prorationBehavior,
} from "#sandbox/stripe/subscriptions/change-params.ts";

const anchor = oneOf("automatic", "phase_start");
const collectionMethod = oneOf("charge_automatically", "send_invoice");
const invoiceSettings = object({ days_until_due: count() });
const endBehavior = oneOf("cancel", "release");
const defaultSettings = object({
  billing_cycle_anchor: anchor,
  collection_method: collectionMethod,
  default_payment_method: text(),
  description: clearable(text()),
  invoice_settings: invoiceSettings,
});
const phase = {
  add_invoice_items: addInvoiceItemsParam,
  billing_cycle_anchor: anchor,
  collection_method: collectionMethod,
  currency: currency(),
  default_payment_method: text(),
  description: clearable(text()),
  discounts: discountsParam,
  duration: object({ interval: oneOf("day", "week", "month", "year"), interval_count: count() }),
  end_date: either(oneOf("now"), whole()),
  invoice_settings: invoiceSettings,
  items: required(
    list(object({ metadata: pairs(), price: text(), price_data: recurringPriceData, quantity: count() })),
  ),
  metadata: pairs(),
  proration_behavior: prorationBehavior,
  start_date: either(oneOf("now"), whole()),
  trial: flag(),
  trial_end: either(oneOf("now"), whole()),
};
const phaseReader = object(phase);
export type PhaseParams = NonNullable<ReturnType<typeof phaseReader>>;
export type DefaultSettingsParams = ReturnType<typeof defaultSettings>;

export const createParams = paramsOf<Stripe.SubscriptionScheduleCreateParams>()({
  billing_mode: billingModeParam,
  customer: text(),
  default_settings: defaultSettings,
  end_behavior: endBehavior,
  from_subscription: text(),
  metadata: pairs(),
  phases: list(phaseReader),
  start_date: either(oneOf("now"), whole()),
});
export const updateParams = paramsOf<Stripe.SubscriptionScheduleUpdateParams>()({
  default_settings: defaultSettings,
  end_behavior: endBehavior,
  metadata: pairs(),
  phases: list(phaseReader),
  proration_behavior: prorationBehavior,
});
