import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The mandate of a SEPA debit, which its first payment creates; a charge names it. */
export const mandateRoutes: Route[] = [
  route("GET", "/v1/mandates/:id", paramsOf<object>()({}), ({ world, id }) => findMandate(world, id)),
];

/** The id of a debit's mandate: each account has one. */
export function mandateIdOf(method: Stripe.PaymentMethod): string {
  return method.id.replace(/^pm_/, "mandate_");
}

function findMandate(world: World, id: string): Stripe.Mandate {
  const method = world.tables.paymentMethods.get(id.replace(/^mandate_/, "pm_"));
  if (method?.type !== "sepa_debit") throw missing("mandate", id);
  return {
    id,
    object: "mandate",
    customer_acceptance: {
      accepted_at: method.created,
      online: { ip_address: "127.0.0.1", user_agent: "Sandbox" },
      type: "online",
    },
    livemode: false,
    multi_use: {},
    payment_method: method.id,
    payment_method_details: {
      sepa_debit: { reference: id.slice(-12).toUpperCase(), url: `${world.baseUrl}/mandates/${id}` },
      type: "sepa_debit",
    },
    status: "active",
    type: "multi_use",
  };
}
