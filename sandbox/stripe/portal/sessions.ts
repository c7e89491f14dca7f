import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import {
  defaultConfiguration,
  findConfiguration,
  portalConfigurationRoutes,
} from "#sandbox/stripe/portal/configurations.ts";
import { assertFlow } from "#sandbox/stripe/portal/flow-rules.ts";
import { count, list, object, oneOf, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.BillingPortal.SessionCreateParams>()({
  customer: required(text()),
  configuration: text(),
  flow_data: object({
    type: required(
      oneOf(
        "payment_method_update",
        "subscription_cancel",
        "subscription_update",
        "subscription_update_confirm",
      ),
    ),
    after_completion: object({
      type: required(oneOf("redirect", "portal_homepage")),
      redirect: object({ return_url: required(text()) }),
    }),
    subscription_cancel: object({ subscription: required(text()) }),
    subscription_update: object({ subscription: required(text()) }),
    subscription_update_confirm: object({
      items: required(list(object({ id: required(text()), price: text(), quantity: count() }))),
      subscription: required(text()),
    }),
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

/** Finds the session of a portal URL; null for an unknown URL. */
export function findSessionByLink(world: World, secret: string): Stripe.BillingPortal.Session | null {
  const door = world.tables.portalDoors.get(secret);
  return (door && world.tables.portalSessions.get(door.session)) ?? null;
}

/** The subscription change that a session asks to confirm, or null. */
function confirmationOf(
  flow: NonNullable<ReturnType<typeof createParams>["flow_data"]>,
): Stripe.BillingPortal.Session.Flow.SubscriptionUpdateConfirm | null {
  const update = flow.subscription_update_confirm;
  if (!update) return null;
  const items = update.items.map(({ id, price, quantity }) => ({
    id,
    price: price ?? null,
    ...(quantity === undefined ? {} : { quantity }),
  }));
  return { discounts: null, items, subscription: update.subscription };
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
  if (flow) assertFlow(world, flow, customer.id, configuration.features);
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
          subscription_update: flow.subscription_update ?? null,
          subscription_update_confirm: confirmationOf(flow),
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
