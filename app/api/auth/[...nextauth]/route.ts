import { NextRequest } from "next/server";
import { z } from "zod";
import { handleOAuthCallback } from "#app/_http/auth.ts";
import { route } from "#app/_http/route.ts";
import { env } from "#lib/core/env.ts";

const params = z.object({
  nextauth: z.tuple([z.literal("callback"), z.enum(["google", "github"])]),
});

/**
 * Where Google and GitHub send people back to. Of all that next-auth could answer here, nothing else is reachable: our
 * forms are server actions. The address is the public one, as the provider knows it, whatever proxy stands in front.
 */
export const GET = route({ auth: "none", params }, ({ request }) => {
  const address = new URL(request.pathname, env().APP_URL);
  address.search = request.search.toString();
  return handleOAuthCallback(new NextRequest(address, { headers: request.headers }));
});
