import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import {
  defaultConfiguration,
  findConfiguration,
  portalConfigurationRoutes,
} from "#sandbox/stripe/portal/configurations.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { object, oneOf, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/subscriptions.ts";

const createParams = paramsOf<Stripe.BillingPortal.SessionCreateParams>()({
  customer: required(text()),
  configuration: text(),
  flow_data: object({
    type: required(oneOf("payment_method_update", "subscription_cancel")),
    after_completion: object({
      type: required(oneOf("redirect", "portal_homepage")),
      redirect: object({ return_url: required(text()) }),
    }),
    subscription_cancel: object({ subscription: required(text()) }),
  }),
  locale: text(),
  return_url: text(),
});

export const portalRoutes: Route[] = [
  route("POST", "/v1/billing_portal/sessions", createParams, ({ world, params }) =>
    createPortalSession(world, params),
  ),
  ...portalConfigurationRoutes,
];

/** The session behind a portal address, or null when the address is nobody's. */
export function sessionOfDoor(world: World, secret: string): Stripe.BillingPortal.Session | null {
  const door = world.tables.portalDoors.get(secret);
  return (door && world.tables.portalSessions.get(door.session)) ?? null;
}

function createPortalSession(
  world: World,
  params: ReturnType<typeof createParams>,
): Stripe.BillingPortal.Session {
  const customer = findCustomer(world, params.customer, "customer");
  const configuration = params.configuration
    ? findConfiguration(world, params.configuration, "configuration")
    : defaultConfiguration(world);
  const flow = params.flow_data;
  if (flow?.type === "subscription_cancel" && !flow.subscription_cancel) {
    throw invalid(
      "Missing required param: flow_data[subscription_cancel].",
      "flow_data",
      "parameter_missing",
    );
  }
  if (flow?.subscription_cancel) findSubscription(world, flow.subscription_cancel.subscription, "flow_data");
  const id = newStripeId("bps");
  const secret = randomLetters(40);
  world.tables.portalDoors.put({ id: secret, session: id });
  const session: Stripe.BillingPortal.Session = {
    id,
    object: "billing_portal.session",
    configuration: configuration.id,
    created: nowFor(world, customer.id),
    customer: customer.id,
    customer_account: null,
    flow: flow
      ? {
          after_completion: {
            hosted_confirmation: null,
            redirect: flow.after_completion?.redirect ?? null,
            type: flow.after_completion?.type ?? "portal_homepage",
          },
          customer_update: null,
          subscription_cancel: flow.subscription_cancel
            ? { retention: null, subscription: flow.subscription_cancel.subscription }
            : null,
          subscription_pause: null,
          subscription_update: null,
          subscription_update_confirm: null,
          type: flow.type,
        }
      : null,
    livemode: false,
    locale: params.locale ?? null,
    on_behalf_of: null,
    return_url: params.return_url ?? configuration.default_return_url,
    url: `${world.baseUrl}/p/session/${secret}`,
  };
  return create(world, world.tables.portalSessions, session, "billing_portal.session.created");
}
