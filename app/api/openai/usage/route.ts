import { route } from "#app/_http/route.ts";
import { usageQuery } from "#app/_http/usage-query.ts";
import { usageResponse } from "#app/_http/usage-response.ts";
import { now } from "#lib/ground/clock.ts";

/** Usage of the signed-in person's workspace by day, model or key; CSV with `Accept: text/csv`. */
export const GET = route({ auth: "user", query: usageQuery }, ({ identity, query, request }) =>
  usageResponse(request, identity.workspaceId, query, now()),
);
