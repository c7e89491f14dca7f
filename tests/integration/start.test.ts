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

/** Runs `npm start`'s program with nothing but the given environment. */
async function start(environment: Record<string, string>): Promise<{ code: number | null; told: string }> {
  // Taken by us: a program that got as far as listening would say so.
  const taken = createServer().listen(0);
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // Next.js wants NODE_ENV in every environment's type; whether it is absent is what is tested here.
  const env = environment as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, ["app/_http/serve.ts", "--port", String(port)], { env });
  let told = "";
  child.stdout.on("data", (piece) => {
    told += piece;
  });
  child.stderr.on("data", (piece) => {
    told += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  taken.close();
  return { code, told };
}

test("without its secrets the app ends with a sentence for each, before it opens a port", async () => {
  const { code, told } = await start({});
  expect(code).toBe(1);
  for (const name of Object.keys(complete)) expect(told).toContain(`${name} is missing.`);
  expect(told).not.toMatch(/EADDRINUSE|Ready/);
});

test("the sandbox's values are refused one by one, and never printed", async () => {
  const sandbox = {
    OPENAI_API_KEY: "sk-sandbox-1234",
    STRIPE_SECRET_KEY: "sk_test_1234",
    AUTH_SECRET: "sandbox".repeat(6),
  };
  const { code, told } = await start({ ...complete, ...sandbox, STRIPE_API_BASE: "http://127.0.0.1:12111" });
  expect(code).toBe(1);
  for (const name of [...Object.keys(sandbox), "STRIPE_API_BASE"])
    expect(told).toMatch(new RegExp(`- ${name} .*\\.\\n`));
  for (const value of Object.values(sandbox)) expect(told).not.toContain(value);
});

test("with everything in place it goes on to open the port", async () => {
  const { code, told } = await start(complete);
  expect(code).not.toBe(0);
  expect(told).toMatch(/EADDRINUSE|Could not find a production build/);
});
