import type { Server } from "node:http";
import { parseArgs } from "node:util";
import { recordPeerAddresses } from "#app/_http/server/client-network.ts";
import { createHttpServer } from "#app/_http/server/create-http-server.ts";
import { createDispatcher, type RequestListener } from "#app/_http/server/dispatcher.ts";
import { routeTable } from "#app/_openapi/route-table.ts";
import { defaultToProduction, env, setOwnOrigin } from "#lib/core/env.ts";
import { log } from "#lib/core/log.ts";
import { assertEnv } from "#lib/jobs/assert-env.ts";
import { bootApp } from "#lib/jobs/boot.ts";

/** How long running requests may take during shutdown before their connections are closed. */
const shutdownTimeoutMs = 10_000;

/**
 * `npm start`: one process and one port. API routes are served over node:http with the same route handlers
 * that Next.js uses, because a stream through Next.js costs three times the CPU; all other requests go to
 * Next.js. Exits before it opens the port if the environment is invalid.
 */
async function serve(): Promise<void> {
  defaultToProduction();
  assertEnv();
  recordPeerAddresses();
  const { port, hostname } = parseAddress();
  const prepared = Promise.withResolvers<RequestListener>();
  const server = createHttpServer((request, response) => {
    prepared.promise
      .then((listener) => listener(request, response))
      .catch((error) => {
        log.error({ err: error }, "A request failed");
        response.destroy();
      });
  });
  await listen(server, port, hostname);
  setOwnOrigin(`http://${hostname ?? "localhost"}:${readPort(server)}`);
  closeOnSignal(server);
  await bootApp(() => stopAccepting(server));
  prepared.resolve(await createListener(port, hostname));
  process.stdout.write(`Ready on http://${hostname ?? "localhost"}:${readPort(server)}\n`);
}

async function createListener(port: number, hostname: string | undefined): Promise<RequestListener> {
  // Imported after defaultToProduction(), because React reads NODE_ENV when it is loaded.
  const { default: next } = await import("next");
  const app = next({ dev: false, port, ...(hostname !== undefined && { hostname }) });
  await app.prepare();
  return createDispatcher(routeTable, app.getRequestHandler());
}

function parseAddress(): { port: number; hostname: string | undefined } {
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

const idleCheckMs = 250;

/**
 * Refuses new connections, so that a proxy sends new requests elsewhere, and closes each connection after its
 * running request. Resolves when all are closed.
 */
function stopAccepting(server: Server): Promise<void> {
  server.prependListener("request", (_request, response) => {
    response.shouldKeepAlive = false;
  });
  const timer = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(timer);
      resolve();
    });
  });
}

function readPort(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/**
 * Closes the server on SIGTERM or SIGINT and exits when the running requests are done. bootApp registers its
 * own handlers before this one runs, so generations are saved first.
 */
function closeOnSignal(server: Server): void {
  const close = () => {
    setTimeout(() => server.closeAllConnections(), shutdownTimeoutMs).unref();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once("SIGTERM", close);
  process.once("SIGINT", close);
}

serve().catch((error) => {
  log.fatal({ err: error }, "The app could not start");
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200).unref();
});
