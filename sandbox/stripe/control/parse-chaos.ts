import { type ChaosSwitches, noChaos } from "#sandbox/stripe/webhooks/chaos-switches.ts";

export type ControlParams = Record<string, unknown>;
const flags = ["reorder", "burst", "endpointDown"] as const;
/** Numeric switches and their maximum values. */
const counts = [
  { name: "duplicate", max: 100 },
  { name: "delayMs", max: 86_400_000 },
  { name: "failNextApiTimes", max: 1_000_000 },
  { name: "failNextCharges", max: 1_000_000 },
] as const;

/** Returns the current switches with the given changes, or an error message when a value is invalid. */
export function parseChaos(present: ChaosSwitches, params: ControlParams): ChaosSwitches | string {
  const unknown = Object.keys(params).find((key) => !Object.hasOwn(noChaos, key));
  if (unknown !== undefined) return `Unknown switch: "${unknown}".`;
  const chaos = { ...present };
  for (const name of flags) {
    const value = params[name] === undefined ? present[name] : params[name];
    if (typeof value !== "boolean") return `${name} must be true or false.`;
    chaos[name] = value;
  }
  for (const { name, max } of counts) {
    const value = params[name] === undefined ? present[name] : params[name];
    if (!isCount(value, max)) return `${name} must be an integer from 0 to ${max}.`;
    chaos[name] = value;
  }
  const { drop = present.drop, failNextApi = present.failNextApi } = params;
  if (typeof drop !== "boolean" && typeof drop !== "string" && !isCount(drop, 1_000_000)) {
    return "drop must be true, false, an integer of at least 0, or an event type.";
  }
  if (
    failNextApi !== 429 &&
    failNextApi !== 500 &&
    failNextApi !== "timeout_after_effect" &&
    failNextApi !== null
  ) {
    return 'failNextApi must be 429, 500, "timeout_after_effect" or null.';
  }
  const isOneCall = params.failNextApi && params.failNextApiTimes === undefined;
  return { ...chaos, drop, failNextApi, failNextApiTimes: isOneCall ? 1 : chaos.failNextApiTimes };
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}
