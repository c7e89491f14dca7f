import type Stripe from "stripe";
import { captureIntent } from "#sandbox/stripe/payments/capture.ts";
import { findCharge, findIntent } from "#sandbox/stripe/payments/find-payment.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { clearable, inRange, pairs, paramsOf, range, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";

const updateParams = paramsOf<Stripe.ChargeUpdateParams>()({
  description: clearable(text()),
  metadata: pairs(),
});
const captureParams = paramsOf<Stripe.ChargeCaptureParams>()({ amount: whole() });
const listParams = paramsOf<Stripe.ChargeListParams>()({
  created: range(),
  customer: text(),
  payment_intent: text(),
});

export const chargeRoutes: Route[] = [
  route("GET", "/v1/charges/:id", paramsOf<object>()({}), ({ world, id }) => findCharge(world, id)),
  route("POST", "/v1/charges/:id", updateParams, ({ world, id, params }) => {
    const charge = findCharge(world, id);
    const patch = {
      ...(params.description === undefined ? {} : { description: params.description }),
      metadata: mergeMetadata(charge.metadata, params.metadata),
    };
    return amend(world, world.tables.charges, id, patch, "charge.updated");
  }),
  route("POST", "/v1/charges/:id/capture", captureParams, ({ world, id, params }) => {
    const charge = findCharge(world, id);
    captureIntent(world, findIntent(world, idOrNull(charge.payment_intent) ?? ""), params.amount);
    return findCharge(world, id);
  }),
  listRoute("/v1/charges", listParams, ({ world, params }) =>
    world.tables.charges.filter(
      (charge) =>
        (params.customer === undefined || charge.customer === params.customer) &&
        (params.payment_intent === undefined || charge.payment_intent === params.payment_intent) &&
        inRange(charge.created, params.created),
    ),
  ),
];
