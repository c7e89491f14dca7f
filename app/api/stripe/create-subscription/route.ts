import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { startCheckout } from "#lib/billing/checkout.ts";
import { offers } from "#lib/billing/plans.ts";
import { proTrial } from "#lib/billing/trial.ts";
import { now } from "#lib/core/clock.ts";

const body = z.object({
  lookupKey: z.enum([...offers.map((offer) => offer.price.lookupKey), proTrial.lookupKey]),
});

/** Starts Checkout for a plan, or for the trial; answers with the address of the page to pay at. */
export const POST = route({ auth: "user", body }, ({ identity, body }) =>
  startCheckout(identity, body.lookupKey, now()),
);
