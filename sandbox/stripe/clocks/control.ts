import type { Clockwork } from "#sandbox/stripe/clocks/advance.ts";
import { readChaos } from "#sandbox/stripe/clocks/read-chaos.ts";
import { canDispute, openDispute } from "#sandbox/stripe/payments/open-dispute.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths } from "#sandbox/stripe/subscriptions/periods.ts";
import { calm } from "#sandbox/stripe/webhooks/chaos-switches.ts";
import type { Deliverer } from "#sandbox/stripe/webhooks/deliverer.ts";

export type Sandbox = { world: World; clockwork: Clockwork; deliverer: Deliverer };
type Answer = { status: number; body: unknown };
type Wishes = Record<string, unknown>;

/** The control API, `/_control/...`: what no Stripe has and a test needs. Bodies are JSON (or a form, from the dashboard). */
export async function answerControl(
  sandbox: Sandbox,
  method: string,
  path: string,
  wishes: Wishes,
): Promise<Answer> {
  const { world, deliverer } = sandbox;
  const action = `${method} ${path.replace(/^\/_control\/?/, "")}`;
  const resend = /^POST events\/([^/]+)\/resend$/.exec(action)?.[1];
  if (resend !== undefined) return resendEvent(sandbox, resend);
  const disputed = /^POST charges\/([^/]+)\/dispute$/.exec(action)?.[1];
  if (disputed !== undefined) return disputeCharge(world, disputed, wishes);
  switch (action) {
    case "GET clock":
      return ok(clockOf(world));
    case "POST clock/advance":
      return advance(sandbox, wishes);
    case "POST reset":
      world.reset(wishes.keep_endpoints === true);
      return ok(clockOf(world));
    case "GET account":
      return ok(world.tables.accountSettings.get("account") ?? defaultAccount);
    case "POST account":
      return setAccount(world, wishes);
    case "GET chaos":
      return ok(world.chaos);
    case "POST chaos":
      return setChaos(world, wishes);
    case "POST flush":
      return ok(await deliverer.flush());
    case "GET deliveries":
      return ok({ deliveries: deliveriesOf(world) });
    default:
      return { status: 404, body: { error: `The control API has no ${action}.` } };
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function bad(error: string): Answer {
  return { status: 400, body: { error } };
}

function clockOf(world: World) {
  const now = world.now();
  return { now, iso: new Date(now * 1000).toISOString(), offset_seconds: world.offsetSeconds };
}

function advance({ world, clockwork }: Sandbox, wishes: Wishes): Answer {
  const now = world.now();
  const target = readTarget(now, wishes);
  if (target === null || !Number.isSafeInteger(target) || target > latest) {
    return bad("Give `seconds`, `months` or `to` (seconds since 1970 or an ISO date), up to the year 2200.");
  }
  if (target < now) return bad("The clock only goes forward; POST /_control/reset sets it back.");
  const done = clockwork.advanceTo(target);
  return ok({ ...clockOf(world), done });
}

/** The moment that is asked for: named, or so many seconds or months on; null where it is none. */
function readTarget(now: number, { seconds, months, to }: Wishes): number | null {
  const [one, ...others] = [seconds, months, to].filter((wish) => wish !== undefined);
  if (one === undefined || others.length > 0) return null;
  if (to !== undefined) return readMoment(to);
  const count = Number(one);
  if (!Number.isInteger(count)) return null;
  return months === undefined ? now + count : addMonths(now, count);
}

function readMoment(to: unknown): number | null {
  if (typeof to === "number") return to;
  if (typeof to !== "string") return null;
  const parsed = /^\d+$/.test(to) ? Number(to) : Math.floor(Date.parse(to) / 1000);
  return Number.isNaN(parsed) ? null : parsed;
}

/** The first second of the year 2200; a clock turned beyond what anybody means would do due work for hours. */
const latest = Date.UTC(2200, 0, 1) / 1000;
const defaultAccount = { id: "account", afterLastRetry: "cancel" } as const;

/** Sets what Stripe has in its dashboard's settings. */
function setAccount(world: World, { afterLastRetry: choice, ...others }: Wishes): Answer {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return bad(`There is no setting "${unknown}".`);
  if (choice !== "cancel" && choice !== "unpaid" && choice !== "past_due") {
    return bad('afterLastRetry is "cancel", "unpaid" or "past_due".');
  }
  const settings = world.tables.accountSettings.put({ id: "account", afterLastRetry: choice });
  world.commit();
  return ok(settings);
}

/** Sets the switches that are named; `{}` sets every one back to calm. */
function setChaos(world: World, wishes: Wishes): Answer {
  if (Object.keys(wishes).length === 0) {
    world.chaos = { ...calm };
    return ok(world.chaos);
  }
  const chaos = readChaos(world.chaos, wishes);
  if (typeof chaos === "string") return bad(chaos);
  world.chaos = chaos;
  return ok(chaos);
}

/** The owner of the card disputes a charge: as fraud unless the kind says otherwise. */
function disputeCharge(world: World, id: string, { kind = "fraudulent" }: Wishes): Answer {
  const charge = world.tables.charges.get(id);
  if (!charge) return { status: 404, body: { error: `No such charge: '${id}'` } };
  if (kind !== "fraudulent" && kind !== "product_not_received" && kind !== "inquiry") {
    return bad("kind is fraudulent, product_not_received or inquiry.");
  }
  if (!canDispute(world, charge)) return bad("This charge has nothing left to dispute.");
  const dispute = openDispute(world, charge, kind);
  world.commit();
  return ok(dispute);
}

/** Sends an event again to every endpoint that was to have it, dropped ones included. */
async function resendEvent({ world, deliverer }: Sandbox, id: string): Promise<Answer> {
  const deliveries = world.tables.deliveries.under(id);
  if (!world.tables.events.get(id)) return { status: 404, body: { error: `No such event: '${id}'` } };
  const results = [];
  for (const delivery of deliveries) results.push(await deliverer.attempt(delivery.id));
  return ok({ sent: results.length, delivered: results.filter(Boolean).length });
}

function deliveriesOf(world: World) {
  return world.tables.deliveries.all().map((delivery) => ({
    ...delivery,
    type: world.tables.events.get(delivery.event)?.type ?? null,
    url: world.tables.webhookEndpoints.get(delivery.endpoint)?.url ?? null,
  }));
}
