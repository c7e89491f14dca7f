import { createRequire } from "node:module";
import { refuseBadEnvironment } from "#lib/jobs/refuse-bad-environment.ts";

/**
 * `npm start`: refuses a bad environment before a port is opened, then becomes `next start` in this same process, so that
 * a signal sent to it reaches the app. What follows on the command line goes on to Next.js (`npm start -- -p 8080`).
 */
function start(): void {
  refuseBadEnvironment();
  process.argv.splice(2, 0, "start");
  createRequire(import.meta.url)("next/dist/bin/next");
}

start();
