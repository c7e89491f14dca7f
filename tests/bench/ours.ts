import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import type { Path } from "#tests/bench/load.ts";
import { makePeople } from "#tests/bench/bench-users.ts";
import { startApp } from "#tests/bench/start-app.ts";

const port = 12403;
const peopleCount = 300;
const secret = "sandbox-bench-secret-of-more-than-32-characters";

/** The frozen upstream's scripts as models on a price list. */
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
 * Our browser path, whole: the production build with session, entitlements, holds, log, settlement, receipts,
 * jobs and events, on a PostgreSQL of its own that forces nothing to disk, like the anchors' one.
 */
export async function startOurs(upstreamUrl: string): Promise<{ path: Path; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const modelsFile = join(folder, "models.json");
  const upstream = { name: "bench", baseUrl: `${upstreamUrl}/v1`, apiKeyEnv: "BENCH_KEY" };
  writeFileSync(modelsFile, JSON.stringify({ ...models, upstreams: [upstream] }));
  const database = await startPostgres({ ephemeral: true });
  await prepareDatabase(database.url);
  const people = await makePeople(database.url, secret, peopleCount);
  const server = await startApp({
    port,
    databaseUrl: database.url,
    secret,
    env: { OPENAI_BASE_URL: `${upstreamUrl}/v1`, BENCH_KEY: "sk-bench", MODELS_FILE: modelsFile },
  });
  const { url } = server;
  const path: Path = {
    name: "ours",
    pid: server.pid,
    prepare: (model, index) => {
      const person = people[index % people.length];
      if (person === undefined) throw new Error("There is nobody to ask.");
      const body = {
        generationId: randomUUID(),
        conversationId: person.conversationId,
        parentId: null,
        message: { id: randomUUID(), text: "bench" },
        answerId: randomUUID(),
        model,
      };
      return {
        url: `${url}/api/openai/chat`,
        headers: { cookie: person.cookie, origin: url },
        body: JSON.stringify(body),
      };
    },
  };
  return {
    path,
    stop: async () => {
      await server.stop();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
