import type Stripe from "stripe";

/** What came from Stripe in a delivery, in our words. */
export type StripeEvent = {
  id: string;
  type: string;
  customerId: string | null;
  /** Of refunds and disputes, which do not name their customer themselves. */
  chargeId: string | null;
  livemode: boolean;
  createdAt: Date;
  /** Whether it says only what happened, and not to what it has led. */
  isThin: boolean;
  /** The event as it came, in JSON, for the inbox alone. */
  payload: string;
};

type EventFacts = Pick<Stripe.Event, "id" | "type" | "livemode" | "created"> & {
  data: { object: object; previous_attributes?: object };
};

/**
 * An event, of which one thing is believed: whose customer it concerns.
 * @param payload the JSON it was read from, where there is one
 */
export function eventOf(event: EventFacts, payload = JSON.stringify(event)): StripeEvent {
  return {
    id: event.id,
    type: event.type,
    // What was taken from a customer (a card) is nobody's any more; whose it was stands with what changed.
    customerId: customerOf(event.data.object) ?? customerOf(event.data.previous_attributes ?? {}),
    chargeId: "charge" in event.data.object ? textOf(event.data.object.charge) : null,
    livemode: event.livemode,
    createdAt: new Date(event.created * 1_000),
    isThin: false,
    payload,
  };
}

/** Use that Stripe was told of and could not count: it is not going to be billed unless somebody looks. */
const ofMeters = new Set(["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"]);

/** Whether an event says that Stripe could not count what was used. */
export function isMeterError(type: string): boolean {
  return ofMeters.has(type);
}

type ThinFacts = Pick<Stripe.V2.Core.EventNotification, "id" | "type" | "livemode" | "created">;

/** A thin event. It concerns no customer. */
export function thinEventOf({ id, type, livemode, created }: ThinFacts, payload: string): StripeEvent {
  return {
    ...{ id, type, livemode, payload, isThin: true },
    ...{ customerId: null, chargeId: null, createdAt: new Date(created) },
  };
}

function customerOf(subject: object): string | null {
  if ("object" in subject && subject.object === "customer") return textOf("id" in subject && subject.id);
  if (!("customer" in subject)) return null;
  const { customer } = subject;
  return typeof customer === "object" && customer !== null && "id" in customer
    ? textOf(customer.id)
    : textOf(customer);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
