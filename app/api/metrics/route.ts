import { route } from "#app/_http/route.ts";
import { env } from "#lib/ground/env.ts";
import { notFound } from "#lib/ground/errors.ts";
import { metricsText } from "#lib/ground/metrics.ts";
import { sameSecret } from "#lib/ground/same-secret.ts";
import { measureQueueDepth } from "#lib/jobs/queue-depth.ts";

/** Prometheus' text format for whoever has METRICS_TOKEN; for all others, and without a token, there is nothing here. */
export const GET = route({ auth: "none" }, async ({ request }) => {
  const token = env().METRICS_TOKEN;
  const given = request.headers.get("authorization") ?? "";
  if (token === undefined || !sameSecret(given, `Bearer ${token}`)) throw notFound("address");
  await measureQueueDepth();
  return new Response(await metricsText(), {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
});
