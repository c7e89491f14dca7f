import type Stripe from "stripe";

/**
 * A delivered event. The payload is trusted for the customer's id only; the sync reads the rest from Stripe.
 */
export type StripeEvent = {
  id: string;
  type: string;
  customerId: string | null;
  /** Set for refunds and disputes, which do not name their customer. */
  chargeId: string | null;
  livemode: boolean;
  createdAt: Date;
  /** Whether it is a thin event, without a snapshot of the object. */
  isThin: boolean;
  /** The delivered JSON, stored in the inbox. */
  payload: string;
};

type EventFacts = Pick<Stripe.Event, "id" | "type" | "livemode" | "created"> & {
  data: { object: object; previous_attributes?: object };
};

/**
 * Converts a Stripe event.
 * @param payload the delivered JSON, if there is one
 */
export function toEvent(event: EventFacts, payload = JSON.stringify(event)): StripeEvent {
  return {
    id: event.id,
    type: event.type,
    // A detached card has no customer; the previous one is in previous_attributes.
    customerId: customerOf(event.data.object) ?? customerOf(event.data.previous_attributes ?? {}),
    chargeId: "charge" in event.data.object ? stringOrNull(event.data.object.charge) : null,
    livemode: event.livemode,
    createdAt: new Date(event.created * 1_000),
    isThin: false,
    payload,
  };
}

type ThinFacts = Pick<Stripe.V2.Core.EventNotification, "id" | "type" | "livemode" | "created">;

/** Converts a thin event, which names no customer. */
export function toThinEvent({ id, type, livemode, created }: ThinFacts, payload: string): StripeEvent {
  return {
    ...{ id, type, livemode, payload, isThin: true },
    ...{ customerId: null, chargeId: null, createdAt: new Date(created) },
  };
}

function customerOf(subject: object): string | null {
  if ("object" in subject && subject.object === "customer")
    return stringOrNull("id" in subject && subject.id);
  if (!("customer" in subject)) return null;
  const { customer } = subject;
  return typeof customer === "object" && customer !== null && "id" in customer
    ? stringOrNull(customer.id)
    : stringOrNull(customer);
}

function stringOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
