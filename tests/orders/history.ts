import { type Action, type ActionContext, isRejection } from "#tests/orders/action-context.ts";
import { adminActions } from "#tests/orders/admin-actions.ts";
import { customerActions } from "#tests/orders/customer-actions.ts";
import { createRandom } from "#tests/orders/random.ts";

/**
 * One step of a history. The seed decides the action's choices and how its events are delivered, so that a
 * step does the same when the steps around it are left out.
 */
export type Step = { action: string; seed: number };

const actions: Record<string, Action> = { ...customerActions, ...adminActions };
const firstActions = ["subscribe", "subscribe", "startTrial"];
const minActions = 3;
const maxActions = 11;
const stepSeeds = 1_000_000;

/** Returns the history of a seed: customers and time act in half of the steps, an administrator in the rest. */
export function randomHistory(seed: number): Step[] {
  const random = createRandom(seed);
  const length = minActions + random.below(maxActions - minActions + 1);
  return Array.from({ length }, (_, index) => {
    const names = Object.keys(random.chance(0.55) ? customerActions : adminActions);
    const isTime = random.chance(0.15);
    const action = index === 0 ? random.pick(firstActions) : isTime ? "passDays" : random.pick(names);
    return { action, seed: random.below(stepSeeds) };
  });
}

/** Formats a history for `--replay`. */
export function formatHistory(steps: readonly Step[]): string {
  return steps.map(({ action, seed }) => `${action}:${seed}`).join(" ");
}

/** Parses what `formatHistory` returns. @throws Error for an unknown action */
export function parseHistory(text: string): Step[] {
  return text.split(/\s+/).map((step) => {
    const [action = "", seed = "0"] = step.split(":");
    if (actions[action] === undefined) throw new Error(`There is no action "${action}".`);
    return { action, seed: Number(seed) };
  });
}

/** Runs an action. Calls that Stripe rejects in the current state, and declined payments, are ignored. */
export async function runAction(name: string, context: ActionContext): Promise<void> {
  try {
    await actions[name]?.(context);
  } catch (error) {
    if (!isRejection(error)) throw error;
  }
}
