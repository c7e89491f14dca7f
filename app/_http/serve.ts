import { createServer, type Server } from "node:http";
import { parseArgs } from "node:util";
import { type Listener, createDispatcher } from "#app/_http/dispatcher.ts";
import { recordPeerAddresses } from "#app/_http/client-network.ts";
import { operations } from "#app/_openapi/operations.ts";
import { env, runAsProduction } from "#lib/core/env.ts";
import { log } from "#lib/core/log.ts";
import { bootApp } from "#lib/jobs/boot.ts";
import { refuseBadEnvironment } from "#lib/jobs/refuse-bad-environment.ts";

/** Longer than proxies keep theirs, so that none sends into a connection that closes at that moment. */
const keepAliveMs = 65_000;
/** After that, what still runs at the end is cut. */
const lastRequestsMs = 10_000;

/**
 * `npm start`: one process and one port. What the HTTP interface has is answered here, over node:http, by the same route
 * handlers that Next.js has; everything else is Next.js', through which a stream costs three times the CPU. Refuses a
 * bad environment before a port is opened.
 */
async function serve(): Promise<void> {
  runAsProduction();
  refuseBadEnvironment();
  recordPeerAddresses();
  const { port, hostname } = addressAsked();
  const prepared = Promise.withResolvers<Listener>();
  const server = createServer((request, response) => {
    prepared.promise
      .then((listener) => listener(request, response))
      .catch((error) => {
        log.error({ err: error }, "A request could not be answered");
        response.destroy();
      });
  });
  server.keepAliveTimeout = keepAliveMs;
  await listen(server, port, hostname);
  endWith(server);
  await bootApp();
  prepared.resolve(await listenerOf(port, hostname));
  process.stdout.write(`Ready on http://${hostname ?? "localhost"}:${portOf(server)}\n`);
}

async function listenerOf(port: number, hostname: string | undefined): Promise<Listener> {
  // Only now: React looks at NODE_ENV when it is loaded.
  const { default: next } = await import("next");
  const app = next({ dev: false, port, ...(hostname !== undefined && { hostname }) });
  await app.prepare();
  return createDispatcher(operations, app.getRequestHandler());
}

function addressAsked(): { port: number; hostname: string | undefined } {
  const { values } = parseArgs({
    options: { port: { type: "string", short: "p" }, hostname: { type: "string", short: "H" } },
  });
  const port = Number(values.port ?? env().PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`--port must be a number up to 65535, and is "${values.port}".\n`);
    process.exit(1);
  }
  return { port, hostname: values.hostname };
}

function listen(server: Server, port: number, hostname: string | undefined): Promise<void> {
  return new Promise((resolve) => {
    server.once("error", (error) => {
      process.stderr.write(`The app cannot listen on port ${port}: ${error.message}\n`);
      process.exit(1);
    });
    server.listen(port, hostname, resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/**
 * The last step of an orderly end: bootApp puts its own before it, so that answers are saved when this begins. Nobody new is let
 * in, whoever is being answered is answered, and then the process is gone.
 */
function endWith(server: Server): void {
  const end = () => {
    setTimeout(() => server.closeAllConnections(), lastRequestsMs).unref();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

serve().catch((error) => {
  log.fatal({ err: error }, "The app could not start");
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200).unref();
});
