import { route } from "#app/_http/route.ts";
import { readReadiness } from "#lib/jobs/readiness.ts";

/** Readiness check: 200 when database, migrations and a worker are ready, else 503 with the state of each. */
export const GET = route({ auth: "none" }, async () => {
  const readiness = await readReadiness();
  return Response.json(readiness, { status: readiness.ready ? 200 : 503 });
});
