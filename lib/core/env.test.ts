import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loggingOf, parseEnv, problemsOf } from "#lib/core/env.ts";

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

test("a complete environment has no problem", () => {
  expect(problemsOf(live)).toEqual([]);
});

test("each missing secret is named in a sentence of its own", () => {
  for (const name of Object.keys(live).filter((key) => key !== "APP_ENV")) {
    expect(problemsOf({ ...live, [name]: undefined })).toEqual([`${name} is missing.`]);
    expect(problemsOf({ ...live, [name]: "" })).toEqual([`${name} is missing.`]);
  }
});

test("production refuses everything that belongs to the sandbox", () => {
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
    const problems = problemsOf({ ...live, [name]: value });
    expect(problems, name).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toMatch(/\.$/);
    if (name !== "APP_URL") expect(problemsOf({ ...live, ...sandbox, APP_ENV: "local" })).toEqual([]);
  }
});

test("it is production unless APP_ENV, next dev or a test runner says otherwise", () => {
  const { APP_ENV: _, ...rest } = live;
  expect(parseEnv({ ...rest, NODE_ENV: "production" }).APP_ENV).toBe("production");
  expect(parseEnv({ ...rest, NODE_ENV: "production", APP_ENV: "test" }).APP_ENV).toBe("test");
  expect(parseEnv(rest).APP_ENV).toBe("production");
  expect(parseEnv({ ...rest, NODE_ENV: "development" }).APP_ENV).toBe("local");
  expect(parseEnv({ ...rest, NODE_ENV: "test" }).APP_ENV).toBe("test");
});

test("the two halves of a sign-in service come together or not at all", () => {
  expect(problemsOf({ ...live, AUTH_GOOGLE_ID: "id" })).toEqual([
    "AUTH_GOOGLE_ID and AUTH_GOOGLE_SECRET belong together: set both or none.",
  ]);
  expect(problemsOf({ ...live, AUTH_GITHUB_ID: "id", AUTH_GITHUB_SECRET: "secret" })).toEqual([]);
});

test("a malformed value is answered with what it must look like", () => {
  expect(problemsOf({ ...live, APP_URL: "chat" })[0]).toBe("APP_URL must be a URL.");
  expect(problemsOf({ ...live, DATABASE_POOL_SIZE: "many" })[0]).toMatch(/^DATABASE_POOL_SIZE: /);
  expect(problemsOf({ ...live, STRIPE_WEBHOOK_SECRET: "secret" })[0]).toBe(
    "STRIPE_WEBHOOK_SECRET must start with whsec_.",
  );
});

test("every problem is told at once, never the values", () => {
  const problems = problemsOf({ APP_ENV: "production", STRIPE_SECRET_KEY: "the-hidden-thing" });
  expect(problems.length).toBeGreaterThan(5);
  expect(problems.join("\n")).not.toContain("the-hidden-thing");
  expect(() => parseEnv({})).toThrow(/not complete/);
});

test("the log works where the environment does not", () => {
  expect(loggingOf({})).toEqual({ level: "info", readable: false });
  expect(loggingOf({ NODE_ENV: "development" })).toEqual({ level: "info", readable: true });
  expect(loggingOf({ APP_ENV: "production", LOG_LEVEL: "loud" })).toEqual({ level: "info", readable: false });
  expect(loggingOf({ APP_ENV: "test", LOG_LEVEL: "debug" })).toEqual({ level: "debug", readable: false });
});

test(".env.example explains every variable, and no other", () => {
  const example = readFileSync(".env.example", "utf8");
  const named = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  const source = readFileSync("lib/core/env.ts", "utf8");
  const known = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(known.filter((name) => name !== "NODE_ENV").sort());
});
