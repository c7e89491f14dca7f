import { route } from "#app/_http/route.ts";
import { env } from "#lib/core/env.ts";
import { notFound } from "#lib/core/errors.ts";
import { formatMetrics } from "#lib/core/metrics.ts";
import { sameSecret } from "#lib/core/secrets/same-secret.ts";
import { measureQueueDepth } from "#lib/jobs/queue-depth.ts";

/**
 * Metrics in the Prometheus text format. Responds 404 without a valid METRICS_TOKEN, or if none is
 * configured.
 */
export const GET = route({ auth: "none" }, async ({ request }) => {
  const token = env().METRICS_TOKEN;
  const given = request.headers.get("authorization") ?? "";
  if (token === undefined || !sameSecret(given, `Bearer ${token}`)) throw notFound("page");
  await measureQueueDepth();
  return new Response(await formatMetrics(), {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
});
