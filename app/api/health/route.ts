import { route } from "#app/_http/route.ts";

/** The process lives and answers; nothing else is asked. */
export const GET = route({ auth: "none" }, () => ({ status: "ok" }));
