import { NextRequest } from "next/server";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { handleOAuthCallback } from "#app/_http/session/auth.ts";
import { env } from "#lib/core/env.ts";

const params = z.object({
  nextauth: z.tuple([z.literal("callback"), z.enum(["google", "github"])]),
});

/**
 * The OAuth callback of Google and GitHub. No other next-auth endpoint is reachable, because our forms are
 * server actions. next-auth gets the public URL from APP_URL, because the request's own URL is the proxy's.
 */
export const GET = route({ auth: "none", params }, ({ request }) => {
  const publicUrl = new URL(request.pathname, env().APP_URL);
  publicUrl.search = request.search.toString();
  return handleOAuthCallback(new NextRequest(publicUrl, { headers: request.headers }));
});
