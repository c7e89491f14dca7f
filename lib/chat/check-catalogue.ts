import { raiseAlert } from "#lib/core/alerts.ts";
import { log } from "#lib/core/log.ts";
import { listModels } from "#lib/gateways/openai-client.ts";
import { priceList, targetsOf } from "#lib/usage/price-list.ts";

/**
 * Compares the price list with what each upstream says that it offers, and tells the operator of what is missing there.
 * Called when a process starts; an upstream that cannot be asked stops nobody.
 * @returns the ids of models that their upstream does not have
 */
export async function checkCatalogue(): Promise<string[]> {
  const missing: string[] = [];
  const offers = new Map<string, Promise<Set<string>>>();
  for (const model of priceList()) {
    const [target] = targetsOf(model);
    if (target === undefined) continue;
    const { name } = target.upstream;
    const offer = offers.get(name) ?? listModels(target.upstream).then((ids) => new Set(ids));
    offers.set(name, offer);
    try {
      if (!(await offer).has(target.model)) missing.push(model.id);
    } catch (error) {
      log.warn({ err: error, upstream: name }, "An upstream's models could not be listed");
      offers.set(name, Promise.resolve(new Set(priceList().map((other) => other.upstreamModel))));
    }
  }
  if (missing.length > 0) {
    await raiseAlert({
      key: "catalogue",
      title: "Models on offer that their upstream does not have",
      detail: `These cannot answer: ${missing.join(", ")}. Take them out of the catalogue, or mend their names.`,
    });
  }
  return missing;
}
