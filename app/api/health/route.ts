import { route } from "#app/_http/route.ts";

/** Liveness check; does not query the database. */
export const GET = route({ auth: "none" }, () => ({ status: "ok" }));
