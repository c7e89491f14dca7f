import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "#db/migrate.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import type { Path } from "#tests/bench/load.ts";
import { makePeople } from "#tests/bench/people.ts";
import { startServer } from "#tests/bench/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const port = 12403;
const peopleCount = 120;
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
 * Our browser path, whole: the production build with session, entitlements, holds, log, settlement, receipts, jobs and
 * events, on a PostgreSQL of its own that forces nothing to disk, like the anchors' one.
 */
export async function startOurs(upstreamUrl: string): Promise<{ path: Path; stop: () => Promise<void> }> {
  if (!existsSync(`${root}.next/BUILD_ID`))
    throw new Error("There is no production build: npm run build first.");
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const modelsFile = join(folder, "models.json");
  const upstream = { name: "bench", baseUrl: `${upstreamUrl}/v1`, apiKeyEnv: "BENCH_KEY" };
  writeFileSync(modelsFile, JSON.stringify({ ...models, upstreams: [upstream] }));
  const database = await startPostgres({ ephemeral: true });
  await migrate(database.url);
  const people = await makePeople(database.url, secret, peopleCount);
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer(
    [`${root}lib/jobs/start.ts`, "--port", String(port), "--hostname", "127.0.0.1"],
    {
      cwd: root,
      env: {
        APP_ENV: "test",
        APP_URL: url,
        AUTH_SECRET: secret,
        DATABASE_URL: database.url,
        OPENAI_BASE_URL: `${upstreamUrl}/v1`,
        OPENAI_API_KEY: "sk-bench",
        BENCH_KEY: "sk-bench",
        MODELS_FILE: modelsFile,
        STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
        STRIPE_WEBHOOK_SECRET: "whsec_bench",
        SMTP_URL: "smtp://127.0.0.1:1",
        LOG_LEVEL: "info",
      },
      ready: /Ready in/,
      url: () => url,
    },
  );
  await untilReady(url);
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

async function untilReady(url: string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/api/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The app was not ready within a minute.");
}
