import { createServer } from "node:net";

/** A complete environment with an unreachable mail server. */
export const testEnvironment = {
  APP_ENV: "test",
  APP_URL: "http://localhost:3000",
  AUTH_SECRET: "a-secret-of-at-least-thirty-two-characters",
  DATABASE_URL: "postgres://nowhere.invalid/none",
  OPENAI_API_KEY: "sk-sandbox",
  STRIPE_SECRET_KEY: "sk_test_x",
  STRIPE_WEBHOOK_SECRET: "whsec_x",
  SMTP_URL: "smtp://127.0.0.1:9",
};

/** Finds a free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
