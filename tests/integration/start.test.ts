import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { expect, test } from "vitest";

const complete = {
  APP_URL: "https://chat.example.com",
  AUTH_SECRET: "k3".repeat(20),
  DATABASE_URL: "postgres://app:word@127.0.0.1:1/app",
  OPENAI_API_KEY: "sk-live-key",
  STRIPE_SECRET_KEY: "sk_live_key",
  STRIPE_WEBHOOK_SECRET: "whsec_key",
  SMTP_URL: "smtps://mail.example.com",
};

/** Runs the program of `npm start` with exactly this environment. */
async function start(environment: Record<string, string>): Promise<{ code: number | null; output: string }> {
  // Occupies the port, so that a program that tries to listen fails with EADDRINUSE.
  const taken = createServer().listen(0);
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // Next.js declares NODE_ENV as required; this test also runs without it.
  const env = environment as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, ["app/_http/server/serve.ts", "--port", String(port)], { env });
  let output = "";
  child.stdout.on("data", (piece) => {
    output += piece;
  });
  child.stderr.on("data", (piece) => {
    output += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  taken.close();
  return { code, output };
}

test("the app exits with one message per missing secret before it opens a port", async () => {
  const { code, output } = await start({});
  expect(code).toBe(1);
  for (const name of Object.keys(complete)) expect(output).toContain(`${name} is missing.`);
  expect(output).not.toMatch(/EADDRINUSE|Ready/);
});

test("production rejects every sandbox value without printing it", async () => {
  const sandbox = {
    OPENAI_API_KEY: "sk-sandbox-1234",
    STRIPE_SECRET_KEY: "sk_test_1234",
    AUTH_SECRET: "sandbox".repeat(6),
  };
  const { code, output } = await start({
    ...complete,
    ...sandbox,
    STRIPE_API_BASE: "http://127.0.0.1:12111",
  });
  expect(code).toBe(1);
  for (const name of [...Object.keys(sandbox), "STRIPE_API_BASE"])
    expect(output).toMatch(new RegExp(`- ${name} .*\\.\\n`));
  for (const value of Object.values(sandbox)) expect(output).not.toContain(value);
});

test("the app opens its port with a complete environment", async () => {
  const { code, output } = await start(complete);
  expect(code).not.toBe(0);
  expect(output).toMatch(/EADDRINUSE|Could not find a production build/);
});
