import { planList } from "#lib/billing/catalog/plans.ts";
import type { Model } from "#lib/usage/price-list.ts";

/**
 * Checks that a plan opens the gate of each model.
 * @throws Error that names the models whose gate no plan opens, and the gates that exist
 */
export function assertModelGates(models: readonly Pick<Model, "id" | "gate">[]): void {
  const gates = new Set(planList.flatMap((plan) => plan.gates));
  const closed = models.filter(({ gate }) => !gates.has(gate));
  if (closed.length === 0) return;
  const named = closed.map(({ id, gate }) => `${id} ("${gate}")`).join(", ");
  throw new Error(
    `No plan opens the gate of these models: ${named}. Gates in use: ${[...gates].join(", ")}. Correct the models file.`,
  );
}
