import { route } from "#app/_http/route.ts";
import { receiveEvent } from "#lib/billing/inbox.ts";

/** Stripe's webhook: the event is in the inbox, with its job, before this answers 200. */
export const POST = route({ auth: "none" }, async ({ request, readRawBody }) => {
  const receipt = await receiveEvent(await readRawBody(), request.headers.get("stripe-signature"));
  return { received: true, duplicate: receipt === "duplicate" };
});
