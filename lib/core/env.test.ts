import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { envErrors, parseEnv, readLogSettings } from "#lib/core/env.ts";

const live = {
  APP_ENV: "production",
  APP_URL: "https://chat.example.com",
  AUTH_SECRET: "k3".repeat(20),
  DATABASE_URL: "postgres://app:word@db/app",
  OPENAI_API_KEY: "sk-live-key",
  STRIPE_SECRET_KEY: "sk_live_key",
  STRIPE_WEBHOOK_SECRET: "whsec_key",
  SMTP_URL: "smtps://mail.example.com",
};

test("a complete environment has no errors", () => {
  expect(envErrors(live)).toEqual([]);
});

test("every missing secret has its own error message", () => {
  for (const name of Object.keys(live).filter((key) => key !== "APP_ENV")) {
    expect(envErrors({ ...live, [name]: undefined })).toEqual([`${name} is missing.`]);
    expect(envErrors({ ...live, [name]: "" })).toEqual([`${name} is missing.`]);
  }
});

test("production rejects sandbox values", () => {
  const sandbox = {
    OPENAI_API_KEY: "sk-sandbox-1",
    STRIPE_SECRET_KEY: "sk_test_1",
    STRIPE_PUBLISHABLE_KEY: "pk_test_1",
    STRIPE_API_BASE: "http://127.0.0.1:1234",
    STRIPE_JS_URL: "http://127.0.0.1:1234",
    AUTH_SECRET: "sandbox".repeat(6),
    SANDBOX_STRIPE_URL: "http://127.0.0.1:1234",
    SANDBOX_MAIL_URL: "http://127.0.0.1:1234",
    APP_URL: "http://chat.example.com",
  };
  for (const [name, value] of Object.entries(sandbox)) {
    const problems = envErrors({ ...live, [name]: value });
    expect(problems, name).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toMatch(/\.$/);
    if (name !== "APP_URL") expect(envErrors({ ...live, ...sandbox, APP_ENV: "local" })).toEqual([]);
  }
});

test("APP_ENV defaults to production, except under next dev and a test runner", () => {
  const { APP_ENV: _, ...rest } = live;
  expect(parseEnv({ ...rest, NODE_ENV: "production" }).APP_ENV).toBe("production");
  expect(parseEnv({ ...rest, NODE_ENV: "production", APP_ENV: "test" }).APP_ENV).toBe("test");
  expect(parseEnv(rest).APP_ENV).toBe("production");
  expect(parseEnv({ ...rest, NODE_ENV: "development" }).APP_ENV).toBe("local");
  expect(parseEnv({ ...rest, NODE_ENV: "test" }).APP_ENV).toBe("test");
});

test("an OAuth provider needs both its id and its secret", () => {
  expect(envErrors({ ...live, AUTH_GOOGLE_ID: "id" })).toEqual([
    "AUTH_GOOGLE_ID and AUTH_GOOGLE_SECRET belong together: set both or none.",
  ]);
  expect(envErrors({ ...live, AUTH_GITHUB_ID: "id", AUTH_GITHUB_SECRET: "secret" })).toEqual([]);
});

test("the error for a malformed value describes the expected format", () => {
  expect(envErrors({ ...live, APP_URL: "chat" })[0]).toBe("APP_URL must be a URL.");
  expect(envErrors({ ...live, DATABASE_POOL_SIZE: "many" })[0]).toMatch(/^DATABASE_POOL_SIZE: /);
  expect(envErrors({ ...live, STRIPE_WEBHOOK_SECRET: "secret" })[0]).toBe(
    "STRIPE_WEBHOOK_SECRET must start with whsec_.",
  );
});

test("parseEnv reports all errors together, without values", () => {
  const problems = envErrors({ APP_ENV: "production", STRIPE_SECRET_KEY: "the-hidden-thing" });
  expect(problems.length).toBeGreaterThan(5);
  expect(problems.join("\n")).not.toContain("the-hidden-thing");
  expect(() => parseEnv({})).toThrow(/not complete/);
});

test("readLogSettings works with an incomplete environment", () => {
  expect(readLogSettings({})).toEqual({ level: "info", readable: false });
  expect(readLogSettings({ NODE_ENV: "development" })).toEqual({ level: "info", readable: true });
  expect(readLogSettings({ APP_ENV: "production", LOG_LEVEL: "loud" })).toEqual({
    level: "info",
    readable: false,
  });
  expect(readLogSettings({ APP_ENV: "test", LOG_LEVEL: "debug" })).toEqual({
    level: "debug",
    readable: false,
  });
});

test(".env.example contains exactly the variables of the schema", () => {
  const example = readFileSync(".env.example", "utf8");
  const named = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  const source = readFileSync("lib/core/env.ts", "utf8");
  const known = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(known.filter((name) => name !== "NODE_ENV").sort());
});
