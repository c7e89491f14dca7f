import { route } from "#app/_http/route.ts";
import { statusOf } from "#lib/usage/health/model-status.ts";
import { priceList } from "#lib/usage/price-list.ts";

const networkLimit = { name: "models", perMinute: 300 };

/**
 * The models in OpenAI's list format, with their current status: available, fallback (another model answers),
 * or unavailable.
 */
export const GET = route({ auth: "api-key", errors: "openai", networkLimit }, () => ({
  object: "list",
  data: priceList()
    .filter((model) => model.listed)
    .map((model) => ({
      id: model.id,
      object: "model",
      created: 0,
      owned_by: model.upstream,
      status: statusOf(model).status,
    })),
}));
