import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type RunningServer, startServer } from "#tests/bench/start-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Options = { port: number; databaseUrl: string; secret: string; env: Record<string, string> };

/** Starts the production build as `npm start` does and waits until it responds. */
export async function startApp({ port, databaseUrl, secret, env }: Options): Promise<RunningServer> {
  if (!existsSync(`${root}.next/BUILD_ID`))
    throw new Error("There is no production build: npm run build first.");
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer(
    [`${root}app/_http/server/serve.ts`, "--port", String(port), "--hostname", "127.0.0.1"],
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
    // Without a worker the readiness check fails; any response is enough.
    const response = await fetch(`${url}/api/ready`).catch(() => null);
    if (response !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The app was not ready within a minute.");
}
