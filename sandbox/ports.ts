import { createServer } from "node:net";

/**
 * Finds a free loopback port: the requested one, or the next free port above it.
 * @param preferred 0 lets the system choose
 */
export async function findFreePort(preferred: number): Promise<number> {
  for (let port = preferred; port <= preferred + 200 && port < 65_536; port += 1) {
    const found = await tryPort(port);
    if (found !== null) return found;
  }
  throw new Error(`No free port between ${preferred} and ${preferred + 200}.`);
}

/**
 * Checks all addresses that the server could bind: a port that another program holds on all interfaces can be
 * bound again on loopback, and both would then receive connections.
 */
async function tryPort(port: number): Promise<number | null> {
  const anywhere = await listenOnce(port, undefined);
  return anywhere === null ? null : listenOnce(anywhere, "127.0.0.1");
}

function listenOnce(port: number, host: string | undefined): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(null));
    probe.listen({ port, host, exclusive: true }, () => {
      const address = probe.address();
      const taken = typeof address === "object" && address !== null ? address.port : null;
      probe.close(() => resolve(taken));
    });
  });
}
