import { route } from "#app/_http/route.ts";
import { usageQuerySchema } from "#app/_http/usage-query.ts";
import { toUsageResponse } from "#app/_http/usage-response.ts";
import { now } from "#lib/core/clock.ts";

/** Usage of the signed-in user's workspace by day, model or key; CSV with `Accept: text/csv`. */
export const GET = route({ auth: "user", query: usageQuerySchema }, ({ identity, query, request }) =>
  toUsageResponse(request, identity.workspaceId, query, now()),
);
