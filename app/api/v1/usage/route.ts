import { route } from "#app/_http/route.ts";
import { usageQuery } from "#app/_http/usage-query.ts";
import { usageResponse } from "#app/_http/usage-response.ts";
import { now } from "#lib/ground/clock.ts";

/** Usage of the key's workspace by day, model or key; CSV with `Accept: text/csv`. */
export const GET = route(
  { auth: "api-key", scope: "usage", query: usageQuery, errors: "openai" },
  ({ apiKey, query, request }) => usageResponse(request, apiKey.workspaceId, query, now()),
);
