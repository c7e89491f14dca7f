import { raiseAlert } from "#lib/core/alerts.ts";
import { log } from "#lib/core/log.ts";
import { listModels } from "#lib/gateways/openai/client.ts";
import { priceList, targetsOf } from "#lib/usage/price-list.ts";

/**
 * Compares the price list with the models that each upstream lists, and alerts the operator to missing ones.
 * Runs when a process starts; an upstream that does not answer is skipped.
 * @returns the ids of models that their upstream does not list
 */
export async function checkUpstreamModels(): Promise<string[]> {
  const missing: string[] = [];
  const lists = new Map<string, Promise<Set<string>>>();
  for (const model of priceList()) {
    const [target] = targetsOf(model);
    if (target === undefined) continue;
    const { name } = target.upstream;
    const list = lists.get(name) ?? listModels(target.upstream).then((ids) => new Set(ids));
    lists.set(name, list);
    try {
      if (!(await list).has(target.model)) missing.push(model.id);
    } catch (error) {
      log.warn({ err: error, upstream: name }, "The models of an upstream could not be listed");
      lists.set(name, Promise.resolve(new Set(priceList().map((other) => other.upstreamModel))));
    }
  }
  if (missing.length > 0) {
    await raiseAlert({
      key: "model-catalog",
      title: "Models that their upstream does not list",
      detail: `These cannot answer: ${missing.join(", ")}. Remove them from the model catalog, or correct their names.`,
    });
  }
  return missing;
}
