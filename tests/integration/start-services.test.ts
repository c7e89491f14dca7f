import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { envErrors } from "#lib/core/env.ts";
import { type SandboxOptions, startSandboxServices } from "#sandbox/start-services.ts";

const fresh: SandboxOptions = {
  dataDir: null,
  appUrl: "http://localhost:3000",
  given: {},
  ports: { postgres: 0, stripe: 0, openai: 0, smtp: 0, mail: 0 },
  report: () => {},
};

const answers = async (url: string) => (await fetch(url).catch(() => null)) !== null;

test("the sandbox alone is an environment the app accepts, and leaves nothing when it stops", async () => {
  const world = await startSandboxServices(fresh);
  expect(envErrors({ APP_ENV: "local", ...world.env })).toEqual([]);
  expect(await Promise.all(world.pages.map(({ url }) => answers(url)))).toEqual([true, true]);
  const models = `${world.env.OPENAI_BASE_URL}/models`;
  const headers = { authorization: `Bearer ${world.env.OPENAI_API_KEY}` };
  expect((await fetch(models, { headers })).status).toBe(200);
  await world.stop();
  for (const url of [models, ...world.pages.map((page) => page.url)]) expect(await answers(url)).toBe(false);
});

test("nothing of the sandbox runs in the place of a real service", async () => {
  const given = {
    DATABASE_URL: "postgres://db.example/parley",
    OPENAI_BASE_URL: "http://models.example/v1",
    STRIPE_SECRET_KEY: "sk_test_real",
    SMTP_URL: "smtp://mail.example",
    AUTH_SECRET: "a secret of the operator's own making",
  };
  const world = await startSandboxServices({ ...fresh, given });
  expect(world.env).toEqual({
    APP_URL: "http://localhost:3000",
    AUTH_SECRET: given.AUTH_SECRET,
    MAIL_FROM: "Parley <hello@parley.example>",
  });
  await world.stop();
});

test("a second start keeps the secrets of the first, so that sign-ins and webhooks go on", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-world-"));
  // The database is another test's matter, and takes the longest.
  const kept = { ...fresh, dataDir, given: { DATABASE_URL: "postgres://db.example/parley" } };
  const first = await startSandboxServices(kept);
  await first.stop();
  const second = await startSandboxServices(kept);
  for (const name of ["AUTH_SECRET", "STRIPE_WEBHOOK_SECRET"]) expect(second.env[name]).toBe(first.env[name]);
  await second.stop();
  await rm(dataDir, { recursive: true });
});

test("a part that ends by itself is told by its name", async () => {
  const lines: string[] = [];
  const given = {
    DATABASE_URL: "postgres://db.example/parley",
    STRIPE_SECRET_KEY: "sk_test_real",
    SMTP_URL: "smtp://m",
  };
  const world = await startSandboxServices({ ...fresh, given, report: (line) => lines.push(line) });
  expect(lines).toEqual([expect.stringMatching(/^OpenAI sandbox ready/)]);
  await world.stop();
  expect((await world.broken).part).toBe("OpenAI sandbox");
});
