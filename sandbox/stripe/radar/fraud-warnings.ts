import type Stripe from "stripe";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { inRange, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const listParams = paramsOf<Stripe.Radar.EarlyFraudWarningListParams>()({
  charge: text(),
  created: range(),
  payment_intent: text(),
});
const path = "/v1/radar/early_fraud_warnings";

export const fraudWarningRoutes: Route[] = [
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => {
    const warning = world.tables.fraudWarnings.get(id);
    if (!warning) throw missing("radar.early_fraud_warning", id);
    return warning;
  }),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.fraudWarnings.filter(
      (row) =>
        (params.charge === undefined || row.charge === params.charge) &&
        (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
        inRange(row.created, params.created),
    ),
  ),
];

/** Records the issuer's fraud warning for a charge if its test card has one. */
export function warnByCard(world: World, charge: Stripe.Charge): void {
  const number = world.tables.cards.get(charge.payment_method ?? "")?.number ?? "";
  if (!findTestCard(number)?.hasFraudWarning) return;
  const intent = idOrNull(charge.payment_intent);
  const warning: Stripe.Radar.EarlyFraudWarning = {
    id: newStripeId("issfr"),
    object: "radar.early_fraud_warning",
    actionable: true,
    charge: charge.id,
    created: nowFor(world, idOrNull(charge.customer)),
    fraud_type: "made_with_stolen_card",
    livemode: false,
    ...(intent === null ? {} : { payment_intent: intent }),
  };
  create(world, world.tables.fraudWarnings, warning, "radar.early_fraud_warning.created");
}
