import type Stripe from "stripe";
import type { DefaultSettingsParams } from "#sandbox/stripe/schedules/schedule-params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Schedule = Stripe.SubscriptionSchedule;

/** Builds a schedule that has not started. */
export function buildSchedule(
  world: World,
  input: {
    customer: string;
    endBehavior: "cancel" | "release";
    metadata: Record<string, string>;
    phases: Schedule["phases"];
    settings: DefaultSettingsParams;
  },
): Schedule {
  const at = nowFor(world, input.customer);
  return {
    id: newStripeId("sub_sched"),
    object: "subscription_schedule",
    application: null,
    billing_mode: { type: "flexible", flexible: { proration_discounts: "included" }, updated_at: at },
    canceled_at: null,
    completed_at: null,
    created: at,
    current_phase: null,
    customer: input.customer,
    customer_account: null,
    default_settings: readSettings(blankSettings, input.settings),
    end_behavior: input.endBehavior,
    livemode: false,
    metadata: input.metadata,
    pause_schedules: [],
    phases: input.phases,
    released_at: null,
    released_subscription: null,
    status: "not_started",
    subscription: null,
    test_clock: world.tables.customers.get(input.customer)?.test_clock ?? null,
  };
}

/** Merges given settings into a schedule's settings. */
export function readSettings(
  present: Schedule["default_settings"],
  given: DefaultSettingsParams,
): Schedule["default_settings"] {
  const days = given?.invoice_settings?.days_until_due;
  return {
    ...present,
    billing_cycle_anchor: given?.billing_cycle_anchor ?? present.billing_cycle_anchor,
    collection_method: given?.collection_method ?? present.collection_method,
    default_payment_method: given?.default_payment_method ?? present.default_payment_method,
    description: given?.description === undefined ? present.description : given.description,
    invoice_settings: {
      ...present.invoice_settings,
      ...(days === undefined ? {} : { days_until_due: days }),
    },
  };
}

const blankSettings: Schedule["default_settings"] = {
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: "automatic",
  billing_thresholds: null,
  collection_method: "charge_automatically",
  default_payment_method: null,
  description: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    days_until_due: null,
    description: null,
    footer: null,
    issuer: { type: "self" },
  },
  on_behalf_of: null,
  transfer_data: null,
};
