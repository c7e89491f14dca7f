import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { db } from "#db/client.ts";
import { readSubscriptionView } from "#lib/billing/entitlements/subscription-view.ts";

const params = z.object({ id: z.string().min(1).max(255) });

/** One subscription of the user's workspace; 404 for subscriptions of other workspaces. */
export const GET = route({ auth: "user", params }, ({ identity, params }) =>
  readSubscriptionView(db(), identity.workspaceId, params.id),
);
