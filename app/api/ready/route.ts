import { route } from "#app/_http/route.ts";
import { readReadiness } from "#lib/jobs/readiness.ts";

/** Far more than load balancers ask for. */
const networkLimit = { name: "ready", perMinute: 1_200 };

/** Readiness check: 200 when database, migrations and a worker are ready, else 503 with the state of each. */
export const GET = route({ auth: "none", networkLimit }, async () => {
  const readiness = await readReadiness();
  return Response.json(readiness, { status: readiness.ready ? 200 : 503 });
});
