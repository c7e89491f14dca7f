import { type ChaosSwitches, calm } from "#sandbox/stripe/webhooks/chaos-switches.ts";

type Wishes = Record<string, unknown>;
const flags = ["reorder", "burst", "endpointDown"] as const;
/** The switches that count something, and the most each may count. */
const counts = [
  { name: "duplicate", most: 100 },
  { name: "delayMs", most: 86_400_000 },
  { name: "failNextApiTimes", most: 1_000_000 },
  { name: "failNextCharges", most: 1_000_000 },
] as const;

/** The switches as they are wished over those that are set; a sentence where a wish makes no sense. */
export function readChaos(present: ChaosSwitches, wishes: Wishes): ChaosSwitches | string {
  const unknown = Object.keys(wishes).find((key) => !Object.hasOwn(calm, key));
  if (unknown !== undefined) return `There is no switch "${unknown}".`;
  const chaos = { ...present };
  for (const name of flags) {
    const wish = wishes[name] === undefined ? present[name] : wishes[name];
    if (typeof wish !== "boolean") return `${name} is true or false.`;
    chaos[name] = wish;
  }
  for (const { name, most } of counts) {
    const wish = wishes[name] === undefined ? present[name] : wishes[name];
    if (!isCount(wish, most)) return `${name} is a whole number from 0 to ${most}.`;
    chaos[name] = wish;
  }
  const { drop = present.drop, failNextApi = present.failNextApi } = wishes;
  if (typeof drop !== "boolean" && typeof drop !== "string" && !isCount(drop, 1_000_000)) {
    return "drop is true, false, a whole number from 0 on, or the type of an event.";
  }
  if (
    failNextApi !== 429 &&
    failNextApi !== 500 &&
    failNextApi !== "timeout_after_effect" &&
    failNextApi !== null
  ) {
    return 'failNextApi is 429, 500, "timeout_after_effect" or null.';
  }
  const isOneCall = wishes.failNextApi && wishes.failNextApiTimes === undefined;
  return { ...chaos, drop, failNextApi, failNextApiTimes: isOneCall ? 1 : chaos.failNextApiTimes };
}

function isCount(wish: unknown, most: number): wish is number {
  return typeof wish === "number" && Number.isInteger(wish) && wish >= 0 && wish <= most;
}
