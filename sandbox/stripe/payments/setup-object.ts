import type Stripe from "stripe";
import { create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type SetupInput = {
  customer: string | null;
  description: string | null;
  metadata: Record<string, string>;
  method: string | null;
  usage: "off_session" | "on_session";
  more?: Partial<Stripe.SetupIntent>;
};

/** Builds a setup intent that has not been attempted. */
export function createSetup(world: World, input: SetupInput): Stripe.SetupIntent {
  const id = newStripeId("seti");
  const setup: Stripe.SetupIntent = {
    id,
    object: "setup_intent",
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomLetters(30)}`,
    created: nowFor(world, input.customer),
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: input.method,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: "automatic" },
    },
    payment_method_types: ["card"],
    single_use_mandate: null,
    status: input.method === null ? "requires_payment_method" : "requires_confirmation",
    usage: input.usage,
    ...input.more,
  };
  return create(world, world.tables.setupIntents, setup, "setup_intent.created");
}
