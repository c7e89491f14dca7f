import { route } from "#app/_http/route.ts";
import { priceList } from "#lib/usage/price-list.ts";

const networkLimit = { name: "models", perMinute: 300 };

/** The available models in OpenAI's list format. */
export const GET = route({ auth: "api-key", errors: "openai", networkLimit }, () => ({
  object: "list",
  data: priceList()
    .filter((model) => model.listed)
    .map((model) => ({ id: model.id, object: "model", created: 0, owned_by: model.upstream })),
}));
