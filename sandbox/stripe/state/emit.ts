import { isDeepStrictEqual } from "node:util";
import type Stripe from "stripe";
import { cutEmbeddedLists, hasCutList } from "#sandbox/stripe/protocol/embedded-lists.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { Table } from "#sandbox/stripe/state/table.ts";
import { apiVersion, type World } from "#sandbox/stripe/state/world.ts";
import { enqueueDeliveries } from "#sandbox/stripe/webhooks/enqueue.ts";

/** Fields that determine an object's clock. */
type Clocked = {
  id: string;
  customer?: string | { id: string } | null;
  charge?: string | { id: string } | null;
  test_clock?: string | { id: string } | null;
};

/** The customer's test clock, or null for the sandbox's clock. */
export function clockOf(world: World, customer: string | null): string | null {
  return customer === null ? null : idOrNull(world.tables.customers.get(customer)?.test_clock);
}

/** The current time in seconds for a customer, by their test clock if they have one. */
export function nowFor(world: World, customer: string | null): number {
  return world.now(clockOf(world, customer));
}

/** Records an event with the object's current state. */
export function emit(
  world: World,
  type: Stripe.Event.Type,
  object: object & Clocked,
  previous?: object,
): void {
  const clock = idOrNull(object.test_clock) ?? clockOf(world, ownerOf(world, object));
  const id = newStripeId("evt");
  const pending = enqueueDeliveries(world, id, type);
  const created = world.now(clock);
  if (clock === null) world.lastEventAt = created;
  world.tables.events.put({
    id,
    object: "event",
    api_version: apiVersion,
    created,
    data: {
      object: toEventObject(object),
      ...(previous === undefined ? {} : { previous_attributes: previous }),
    },
    livemode: false,
    pending_webhooks: pending,
    request: world.request ?? { id: null, idempotency_key: null },
    type,
  });
  world.onEvent(type, object);
}

/** The object as events show it: without the lines beyond the first ten. */
function toEventObject<T extends object>(object: T): T {
  if (!hasCutList(object)) return object;
  const cut = cutEmbeddedLists(object);
  // The function copies an object of type T and shortens one of its lists.
  return cut as T;
}

/** The customer of an object, or of its charge (a dispute has no customer field). */
function ownerOf(world: World, { customer, charge }: Clocked): string | null {
  return idOrNull(customer) ?? idOrNull(world.tables.charges.get(idOrNull(charge) ?? "")?.customer);
}

/** Creates an object and its event. */
export function create<T extends object & Clocked>(
  world: World,
  table: Table<T>,
  row: T,
  type: Stripe.Event.Type,
): T {
  table.put(row);
  emit(world, type, row);
  return row;
}

/**
 * Updates an object and, if a field changed and a type is given, records an event with the previous values.
 * Returns the updated object.
 */
export function amend<T extends object & Clocked>(
  world: World,
  table: Table<T>,
  id: string,
  patch: Partial<T>,
  type?: Stripe.Event.Type,
): T {
  const before = table.get(id);
  if (!before) throw new Error(`${table.name} has no ${id} to change`);
  const after = { ...before, ...patch };
  const previous = differences(before, after);
  if (Object.keys(previous).length === 0) return before;
  table.put(after);
  if (type) emit(world, type, after, previous);
  return after;
}

/** Previous values of changed fields; nested objects are reduced to their changed fields, as Stripe does. */
function differences(before: object, after: object): Record<string, unknown> {
  const old = new Map(Object.entries(before));
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    const earlier: unknown = old.get(key);
    if (isDeepStrictEqual(earlier, value)) continue;
    changed[key] = isPlain(earlier) && isPlain(value) ? differences(earlier, value) : (earlier ?? null);
  }
  return changed;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
