import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { db } from "#db/client.ts";
import { readSubscriptionView } from "#lib/billing/subscription-view.ts";

const params = z.object({ id: z.string().min(1).max(255) });

/** One subscription, to its owner; for everybody else there is none. */
export const GET = route({ auth: "user", params }, ({ identity, params }) =>
  readSubscriptionView(db(), identity.workspaceId, params.id),
);
