import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { startCheckout } from "#lib/billing/actions/checkout.ts";
import { offers } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { now } from "#lib/core/clock.ts";

const body = z.object({
  lookupKey: z.enum([...offers.map((offer) => offer.price.lookupKey), proTrial.lookupKey]),
});

/** Starts Checkout for a plan or the trial; responds with the URL of the Checkout page. */
export const POST = route({ auth: "user", body }, ({ identity, body }) =>
  startCheckout(identity, body.lookupKey, now()),
);
