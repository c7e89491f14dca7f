import { route } from "#app/_http/route.ts";
import { readReadiness } from "#lib/jobs/readiness.ts";

/** 200 when database, migrations and a worker are there; 503 with which is not. */
export const GET = route({ auth: "none" }, async () => {
  const readiness = await readReadiness();
  return Response.json(readiness, { status: readiness.ready ? 200 : 503 });
});
