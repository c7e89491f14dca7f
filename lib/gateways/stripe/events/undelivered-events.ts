import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeEvent, toEvent } from "#lib/gateways/stripe/events/event.ts";

const pageSize = 100;

/** Lists the events that Stripe has not delivered, newest first. */
export async function* listUndeliveredEvents(): AsyncGenerator<StripeEvent> {
  let after: string | undefined;
  do {
    const query = { delivery_success: false, limit: pageSize, ...(after && { starting_after: after }) };
    const page = await callStripe(() => stripe().events.list(query));
    yield* page.data.map((event) => toEvent(event));
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
}
