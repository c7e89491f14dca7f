import type { Clockwork } from "#sandbox/stripe/clocks/advance.ts";
import { canDispute, openDispute } from "#sandbox/stripe/payments/open-dispute.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths } from "#sandbox/stripe/subscriptions/periods.ts";
import { type ChaosSwitches, calm } from "#sandbox/stripe/webhooks/chaos-switches.ts";
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
  const { seconds, months, to } = wishes;
  const target =
    to !== undefined
      ? readMoment(to)
      : months !== undefined
        ? addMonths(now, Number(months))
        : now + Number(seconds);
  if (target === null || !Number.isSafeInteger(target)) {
    return bad("Give `seconds`, `months` or `to` (seconds since 1970 or an ISO date).");
  }
  if (target < now) return bad("The clock only goes forward; POST /_control/reset sets it back.");
  const done = clockwork.advanceTo(target);
  return ok({ ...clockOf(world), done });
}

function readMoment(to: unknown): number | null {
  if (typeof to === "number") return to;
  if (typeof to !== "string") return null;
  const parsed = /^\d+$/.test(to) ? Number(to) : Math.floor(Date.parse(to) / 1000);
  return Number.isNaN(parsed) ? null : parsed;
}

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
  const unknown = Object.keys(wishes).find((key) => !Object.hasOwn(calm, key));
  if (unknown !== undefined) return bad(`There is no switch "${unknown}".`);
  const {
    duplicate,
    reorder,
    burst,
    delayMs,
    drop,
    endpointDown,
    failNextApi,
    failNextApiTimes,
    failNextCharges,
  } = wishes;
  const failure = readFailure(failNextApi, world.chaos.failNextApi);
  if (failure === undefined) return bad('failNextApi is 429, 500, "timeout_after_effect" or null.');
  const chaos: ChaosSwitches = {
    duplicate: duplicate === undefined ? world.chaos.duplicate : Number(duplicate),
    reorder: reorder === undefined ? world.chaos.reorder : Boolean(reorder),
    burst: burst === undefined ? world.chaos.burst : Boolean(burst),
    delayMs: delayMs === undefined ? world.chaos.delayMs : Number(delayMs),
    drop:
      typeof drop === "boolean" || typeof drop === "number" || typeof drop === "string"
        ? drop
        : world.chaos.drop,
    endpointDown: endpointDown === undefined ? world.chaos.endpointDown : Boolean(endpointDown),
    failNextApi: failure,
    failNextApiTimes:
      failNextApiTimes !== undefined
        ? Number(failNextApiTimes)
        : failNextApi
          ? 1
          : world.chaos.failNextApiTimes,
    failNextCharges: failNextCharges === undefined ? world.chaos.failNextCharges : Number(failNextCharges),
  };
  world.chaos = chaos;
  return ok(chaos);
}

function readFailure(
  wish: unknown,
  present: ChaosSwitches["failNextApi"],
): ChaosSwitches["failNextApi"] | undefined {
  if (wish === undefined) return present;
  if (wish === 429 || wish === 500 || wish === "timeout_after_effect" || wish === null) return wish;
  return undefined;
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
