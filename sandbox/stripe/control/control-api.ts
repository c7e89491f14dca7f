import type { ClockAdvancer } from "#sandbox/stripe/clocks/clock-advancer.ts";
import { type ControlParams, parseChaos } from "#sandbox/stripe/control/parse-chaos.ts";
import { canDispute, openDispute } from "#sandbox/stripe/payments/open-dispute.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths } from "#sandbox/stripe/subscriptions/periods.ts";
import { noChaos } from "#sandbox/stripe/webhooks/chaos-switches.ts";
import type { Deliverer } from "#sandbox/stripe/webhooks/deliverer.ts";

export type Sandbox = { world: World; clockAdvancer: ClockAdvancer; deliverer: Deliverer };
type ControlResult = { status: number; body: unknown };

/**
 * Handles the control API for tests, `/_control/...`, which Stripe does not have. Bodies are JSON objects.
 */
export async function handleControlCall(
  sandbox: Sandbox,
  method: string,
  path: string,
  params: ControlParams,
): Promise<ControlResult> {
  const { world, deliverer } = sandbox;
  const action = `${method} ${path.replace(/^\/_control\/?/, "")}`;
  const resentEvent = /^POST events\/([^/]+)\/resend$/.exec(action)?.[1];
  if (resentEvent !== undefined) return resendEvent(sandbox, resentEvent);
  const disputedCharge = /^POST charges\/([^/]+)\/dispute$/.exec(action)?.[1];
  if (disputedCharge !== undefined) return disputeCharge(world, disputedCharge, params);
  switch (action) {
    case "GET clock":
      return ok(clockStatus(world));
    case "POST clock/advance":
      return advanceClock(sandbox, params);
    case "POST reset":
      world.reset({ endpoints: params.keep_endpoints === true, catalog: params.keep_catalog === true });
      return ok(clockStatus(world));
    case "GET account":
      return ok(world.tables.accountSettings.get("account") ?? defaultAccount);
    case "POST account":
      return setAccount(world, params);
    case "GET chaos":
      return ok(world.chaos);
    case "POST chaos":
      return setChaos(world, params);
    case "POST flush":
      return ok(await deliverer.flush());
    case "GET deliveries":
      return ok({ deliveries: listDeliveries(world) });
    default:
      return { status: 404, body: { error: `The control API has no ${action}.` } };
  }
}

function ok(body: unknown): ControlResult {
  return { status: 200, body };
}

function badRequest(error: string): ControlResult {
  return { status: 400, body: { error } };
}

function clockStatus(world: World) {
  const now = world.now();
  return { now, iso: new Date(now * 1000).toISOString(), offset_seconds: world.offsetSeconds };
}

function advanceClock({ world, clockAdvancer }: Sandbox, params: ControlParams): ControlResult {
  const now = world.now();
  const target = readTarget(now, params);
  if (target === null || !Number.isSafeInteger(target) || target > maxTime) {
    return badRequest(
      "Give `seconds`, `months` or `to` (seconds since 1970 or an ISO date), up to the year 2200.",
    );
  }
  if (target < now) return badRequest("The clock cannot go back; POST /_control/reset resets it.");
  const done = clockAdvancer.advanceTo(target);
  return ok({ ...clockStatus(world), done });
}

/**
 * Returns the requested time in Unix seconds: absolute, or relative to now; null when the request is invalid.
 */
function readTarget(now: number, { seconds, months, to }: ControlParams): number | null {
  const [one, ...others] = [seconds, months, to].filter((value) => value !== undefined);
  if (one === undefined || others.length > 0) return null;
  if (to !== undefined) return parseTime(to);
  const count = Number(one);
  if (!Number.isInteger(count)) return null;
  return months === undefined ? now + count : addMonths(now, count);
}

function parseTime(to: unknown): number | null {
  if (typeof to === "number") return to;
  if (typeof to !== "string") return null;
  const parsed = /^\d+$/.test(to) ? Number(to) : Math.floor(Date.parse(to) / 1000);
  return Number.isNaN(parsed) ? null : parsed;
}

/** The first second of the year 2200. A clock advanced further would run due work for hours. */
const maxTime = Date.UTC(2200, 0, 1) / 1000;
const defaultAccount = { id: "account", afterLastRetry: "cancel" } as const;

/** Changes the account settings that Stripe has in its dashboard. */
function setAccount(world: World, { afterLastRetry: choice, ...others }: ControlParams): ControlResult {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return badRequest(`Unknown setting: "${unknown}".`);
  if (choice !== "cancel" && choice !== "unpaid" && choice !== "past_due") {
    return badRequest('afterLastRetry must be "cancel", "unpaid" or "past_due".');
  }
  const settings = world.tables.accountSettings.put({ id: "account", afterLastRetry: choice });
  world.commit();
  return ok(settings);
}

/** Sets the given switches; `{}` turns all of them off. */
function setChaos(world: World, params: ControlParams): ControlResult {
  if (Object.keys(params).length === 0) {
    world.chaos = { ...noChaos };
    return ok(world.chaos);
  }
  const chaos = parseChaos(world.chaos, params);
  if (typeof chaos === "string") return badRequest(chaos);
  world.chaos = chaos;
  return ok(chaos);
}

/** Opens a dispute on a charge; `kind` is `fraudulent` by default. */
function disputeCharge(world: World, id: string, { kind = "fraudulent" }: ControlParams): ControlResult {
  const charge = world.tables.charges.get(id);
  if (!charge) return { status: 404, body: { error: `No such charge: '${id}'` } };
  if (kind !== "fraudulent" && kind !== "product_not_received" && kind !== "inquiry") {
    return badRequest("kind must be fraudulent, product_not_received or inquiry.");
  }
  if (!canDispute(world, charge)) return badRequest("This charge has nothing left to dispute.");
  const dispute = openDispute(world, charge, kind);
  world.commit();
  return ok(dispute);
}

/** Resends an event to every endpoint it was queued for, including dropped deliveries. */
async function resendEvent({ world, deliverer }: Sandbox, id: string): Promise<ControlResult> {
  const deliveries = world.tables.deliveries.under(id);
  if (!world.tables.events.get(id)) return { status: 404, body: { error: `No such event: '${id}'` } };
  const results = [];
  for (const delivery of deliveries) results.push(await deliverer.attempt(delivery.id));
  return ok({ sent: results.length, delivered: results.filter(Boolean).length });
}

function listDeliveries(world: World) {
  return world.tables.deliveries.all().map((delivery) => ({
    ...delivery,
    type: world.tables.events.get(delivery.event)?.type ?? null,
    url: world.tables.webhookEndpoints.get(delivery.endpoint)?.url ?? null,
  }));
}
