import { route } from "#app/_http/route.ts";
import { receiveEvent } from "#lib/billing/sync/webhook-inbox.ts";

/** Stripe's webhook. The event and its job are committed before this responds 200. */
export const POST = route({ auth: "none" }, async ({ request, readRawBody }) => {
  const outcome = await receiveEvent(await readRawBody(), request.headers.get("stripe-signature"));
  return { received: true, duplicate: outcome === "duplicate" };
});
