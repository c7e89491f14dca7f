import "#app/_openapi/route-table.ts";
import "#lib/jobs/boot.ts";
import { startObserving, stopObserving } from "#lib/jobs/observe-process.ts";

/** A program that loads everything that the app's server loads, except Next.js. */
await startObserving("app");
await stopObserving();
process.exit(0);
