import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { type Cluster, startCluster } from "#sandbox/cluster/start-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type RunningCluster = Cluster & {
  connection: ReturnType<typeof connect>;
  /** What the apps and the worker have logged as warnings and errors, or printed. */
  output: string[];
};

/** `cluster` runs while the worker process does; `connection` is to its database, as the app's role. */
export const test = base.extend<object, { cluster: RunningCluster }>({
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from it.
    async ({}, use) => {
      const output: string[] = [];
      const cluster = await startCluster({
        dataDir: `${root}.data/cluster-tests`,
        httpsPort: 8_543,
        // As fast as a usual model: streams last seconds.
        tokensPerSecond: 60,
        report: (line) => void process.stdout.write(`${line}\n`),
        onLine: (service, line) => {
          if (line.includes('"level":"info"')) return;
          output.push(line);
          process.stdout.write(`[${service}] ${line}\n`);
        },
      });
      const connection = connect(cluster.database.app, { max: 5 });
      pointDatabaseAt(connection);
      await use({ ...cluster, connection, output });
      await connection.sql.end();
      await cluster.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

export { expect };
