import { type Action, type ActionContext, isRejection } from "#tests/orders/action-context.ts";
import { adminActions } from "#tests/orders/admin-actions.ts";
import { customerActions } from "#tests/orders/customer-actions.ts";
import { createRandom } from "#tests/orders/random.ts";

/**
 * One step of a history. The seed decides the action's choices and how its events are delivered, so that a
 * step does the same when the steps around it are left out.
 */
export type Step = { action: string; seed: number };

/** A history: the day of the year on which it starts, and its steps. */
export type History = { day: number; steps: readonly Step[] };

const actions: Record<string, Action> = { ...customerActions, ...adminActions };
const firstActions = ["subscribe", "subscribe", "startTrial"];
const minActions = 4;
const maxActions = 13;
const stepSeeds = 1_000_000;
/** So many steps of six days reach the next month; sweeps run in between. */
const weeksUntilRenewal = 6;

/**
 * Returns the history of a seed: customers and time act in half of the steps, an administrator in the rest.
 */
export function randomHistory(seed: number): History {
  const random = createRandom(seed);
  const length = minActions + random.below(maxActions - minActions + 1);
  const day = random.below(365);
  const names = Array.from({ length }, (_, index) => {
    if (index === 0) return [random.pick(firstActions)];
    if (random.chance(0.1)) return Array.from({ length: weeksUntilRenewal }, () => "passWeek");
    if (random.chance(0.1)) return ["passDays"];
    return [random.pick(Object.keys(random.chance(0.5) ? customerActions : adminActions))];
  });
  const steps = names.flat().map((action) => ({ action, seed: random.below(stepSeeds) }));
  return { day, steps };
}

/** Formats a history for `--replay`. */
export function formatHistory({ day, steps }: History): string {
  return [`day:${day}`, ...steps.map(({ action, seed }) => `${action}:${seed}`)].join(" ");
}

/** Parses what `formatHistory` returns. @throws Error for an unknown action */
export function parseHistory(text: string): History {
  const [day = "", ...rest] = text.split(/\s+/);
  const steps = rest.map((step) => {
    const [action = "", seed = "0"] = step.split(":");
    if (actions[action] === undefined) throw new Error(`There is no action "${action}".`);
    return { action, seed: Number(seed) };
  });
  return { day: Number(day.split(":")[1] ?? 0), steps };
}

/** Runs an action. Calls that Stripe rejects in the current state, and declined payments, are ignored. */
export async function runAction(name: string, context: ActionContext): Promise<void> {
  try {
    await actions[name]?.(context);
  } catch (error) {
    if (!isRejection(error)) throw error;
  }
}
