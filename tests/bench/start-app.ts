import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Server, startServer } from "#tests/bench/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Options = { port: number; databaseUrl: string; secret: string; env: Record<string, string> };

/** The production build as `npm start` runs it, once it says that it is ready. */
export async function startApp({ port, databaseUrl, secret, env }: Options): Promise<Server> {
  if (!existsSync(`${root}.next/BUILD_ID`))
    throw new Error("There is no production build: npm run build first.");
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer(
    [`${root}app/_http/serve.ts`, "--port", String(port), "--hostname", "127.0.0.1"],
    {
      cwd: root,
      env: {
        APP_ENV: "test",
        APP_URL: url,
        AUTH_SECRET: secret,
        DATABASE_URL: databaseUrl,
        OPENAI_API_KEY: "sk-bench",
        STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
        STRIPE_WEBHOOK_SECRET: "whsec_bench",
        SMTP_URL: "smtp://127.0.0.1:1",
        LOG_LEVEL: "info",
        ...env,
      },
      ready: /Ready on/,
      url: () => url,
    },
  );
  await untilReady(url);
  return server;
}

async function untilReady(url: string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    // Without a worker the app is never ready for its jobs; that it answers is enough.
    const answer = await fetch(`${url}/api/ready`).catch(() => null);
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The app was not ready within a minute.");
}
