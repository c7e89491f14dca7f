import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { createBenchUsers } from "#tests/bench/bench-users.ts";
import type { BenchTarget } from "#tests/bench/load.ts";
import { startApp } from "#tests/bench/start-app.ts";

const port = 12403;
const userCount = 300;
const secret = "sandbox-bench-secret-of-more-than-32-characters";

/** The mock upstream's scripts as models of a models file. */
const models = {
  upstreams: [] as { name: string; baseUrl: string; apiKeyEnv: string }[],
  models: ["bench-60-50", "bench-20-0"].map((id) => ({
    id,
    label: id,
    upstream: "bench",
    costUsdPerMillion: { input: 1, output: 2 },
    contextWindow: 128_000,
    maxOutputTokens: 4_096,
  })),
  defaultModel: "bench-20-0",
};

/**
 * Starts the production build with everything that the chat endpoint does: session, entitlements, holds,
 * event log, settlement, receipts and jobs. Its PostgreSQL runs without fsync, like that of the anchors.
 */
export async function startParley(
  upstreamUrl: string,
): Promise<{ target: BenchTarget; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const modelsFile = join(folder, "models.json");
  const upstream = { name: "bench", baseUrl: `${upstreamUrl}/v1`, apiKeyEnv: "BENCH_KEY" };
  writeFileSync(modelsFile, JSON.stringify({ ...models, upstreams: [upstream] }));
  const database = await startPostgres({ ephemeral: true });
  await prepareDatabase(database.url);
  const users = await createBenchUsers(database.url, secret, userCount);
  const server = await startApp({
    port,
    databaseUrl: database.url,
    secret,
    env: { OPENAI_BASE_URL: `${upstreamUrl}/v1`, BENCH_KEY: "sk-bench", MODELS_FILE: modelsFile },
  });
  const { url } = server;
  const target: BenchTarget = {
    name: "parley",
    pid: server.pid,
    prepare: (model, index) => {
      const user = users[index % users.length];
      if (user === undefined) throw new Error("There is no user.");
      const body = {
        generationId: randomUUID(),
        conversationId: user.conversationId,
        parentId: null,
        message: { id: randomUUID(), text: "bench" },
        answerId: randomUUID(),
        model,
      };
      return {
        url: `${url}/api/openai/chat`,
        headers: { cookie: user.cookie, origin: url },
        body: JSON.stringify(body),
      };
    },
  };
  return {
    target,
    stop: async () => {
      await server.stop();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
