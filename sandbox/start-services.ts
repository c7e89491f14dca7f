import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { type Exit, type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { registerWebhook, sandboxStripeKey } from "#sandbox/register-webhook.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

export type SandboxOptions = {
  /** The data folder; null keeps nothing between starts. */
  dataDir: string | null;
  /** The app's URL, for Stripe's webhooks and links in emails. */
  appUrl: string;
  /** Services that the environment configures are not started. */
  given: Record<string, string | undefined>;
  /** The preferred ports; 0 lets the system choose. */
  ports: { postgres: number; stripe: number; openai: number; smtp: number; mail: number };
  /** Tokens per second of the OpenAI sandbox; by default as fast as a usual model. */
  tokensPerSecond?: number;
  report: (line: string) => void;
};

export type SandboxServices = {
  /** The environment variables for the app. */
  env: Record<string, string>;
  /** URLs to print, by service. */
  pages: { name: string; url: string }[];
  /** Resolves when a service exits unexpectedly. */
  broken: Promise<{ part: string; exit: Exit }>;
  stop: () => Promise<void>;
};

type Part = {
  env: Record<string, string>;
  pages?: SandboxServices["pages"];
  exited: Promise<Exit>;
  stop: () => Promise<void>;
};

/** Starts PostgreSQL, Stripe, OpenAI and mail, each unless the environment configures a real service. */
export async function startSandboxServices(options: SandboxOptions): Promise<SandboxServices> {
  const { given, dataDir } = options;
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
  const starters: [string, boolean, (options: SandboxOptions) => Promise<Part>][] = [
    ["PostgreSQL", given.DATABASE_URL === undefined, startDatabase],
    ["Stripe sandbox", given.STRIPE_SECRET_KEY === undefined, startStripe],
    ["OpenAI sandbox", (given.OPENAI_API_KEY ?? given.OPENAI_BASE_URL) === undefined, startOpenAi],
    ["Mail sandbox", given.SMTP_URL === undefined, startMail],
  ];
  const parts: { name: string; part: Part }[] = [];
  const stop = async () => {
    await Promise.all(parts.map(({ part }) => part.stop()));
  };
  try {
    await Promise.all(
      starters
        .filter(([, wanted]) => wanted)
        .map(async ([name, , start]) => {
          const startedAt = performance.now();
          parts.push({ name, part: await start(options) });
          options.report(`${name} ready (${Math.round(performance.now() - startedAt)} ms)`);
        }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const env = Object.assign(appEnvironment(options), ...parts.map(({ part }) => part.env));
  return { env, pages: parts.flatMap(({ part }) => part.pages ?? []), broken: watch(parts), stop };
}

function watch(parts: { name: string; part: Part }[]): SandboxServices["broken"] {
  return new Promise((resolve) => {
    for (const { name, part } of parts) void part.exited.then((exit) => resolve({ part: name, exit }));
  });
}

function appEnvironment({ appUrl, dataDir, given }: SandboxOptions): Record<string, string> {
  return {
    APP_URL: appUrl,
    AUTH_SECRET: given.AUTH_SECRET ?? authSecret(dataDir),
    MAIL_FROM: given.MAIL_FROM ?? "Parley <hello@parley.example>",
  };
}

/** Created once, so that sessions survive a restart; production rejects its prefix. */
function authSecret(dataDir: string | null): string {
  const path = dataDir === null ? null : `${dataDir}/auth-secret`;
  if (path !== null && existsSync(path)) return readFileSync(path, "utf8");
  const secret = `sandbox-${randomBytes(33).toString("base64url")}`;
  if (path !== null) writeFileSync(path, secret, { mode: 0o600 });
  return secret;
}

async function startDatabase({ dataDir, ports }: SandboxOptions): Promise<Part> {
  const server = await startPostgres(
    dataDir === null ? { ephemeral: true } : { dataDir: `${dataDir}/postgres`, port: ports.postgres },
  );
  const env = { DATABASE_URL: server.appUrl, MIGRATION_DATABASE_URL: server.url };
  return { env, exited: server.exited, stop: () => server.stop() };
}

async function startStripe({ dataDir, ports, appUrl }: SandboxOptions): Promise<Part> {
  const port = await findFreePort(ports.stripe);
  const dataArgs = dataDir === null ? [] : ["--data", `${dataDir}/stripe`];
  const process = await startProgram("sandbox/stripe/main.ts", ["--port", String(port), ...dataArgs]);
  const url = `http://127.0.0.1:${port}`;
  const secret = await registerWebhook(url, `${appUrl}/api/webhooks/stripe`, dataDir);
  return {
    env: {
      STRIPE_SECRET_KEY: sandboxStripeKey,
      STRIPE_PUBLISHABLE_KEY: "pk_test_sandbox000000000000",
      STRIPE_WEBHOOK_SECRET: secret,
      STRIPE_API_BASE: url,
      STRIPE_JS_URL: `${url}/endive/stripe.js`,
      SANDBOX_STRIPE_URL: url,
    },
    pages: [{ name: "Stripe sandbox", url }],
    exited: process.exited,
    stop: () => process.stop(),
  };
}

async function startOpenAi({ ports, tokensPerSecond }: SandboxOptions): Promise<Part> {
  const port = await findFreePort(ports.openai);
  const paceArgs = tokensPerSecond === undefined ? [] : ["--tokens-per-second", String(tokensPerSecond)];
  const process = await startProgram("sandbox/openai/main.ts", ["--port", String(port), ...paceArgs]);
  return {
    env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: "sk-sandbox-parley" },
    exited: process.exited,
    stop: () => process.stop(),
  };
}

async function startMail({ dataDir, ports }: SandboxOptions): Promise<Part> {
  const smtp = await findFreePort(ports.smtp);
  const web = await findFreePort(ports.mail === 0 ? 0 : Math.max(ports.mail, smtp + 1));
  const dataArgs = dataDir === null ? [] : ["--data", `${dataDir}/mail`];
  const args = ["--smtp-port", String(smtp), "--http-port", String(web), ...dataArgs];
  const process = await startProgram("sandbox/mail/main.ts", args);
  const url = `http://127.0.0.1:${web}`;
  return {
    env: { SMTP_URL: `smtp://127.0.0.1:${smtp}`, SANDBOX_MAIL_URL: url },
    pages: [{ name: "Mailbox", url }],
    exited: process.exited,
    stop: () => process.stop(),
  };
}

/** Starts a sandbox program and waits until it reports that it listens. */
export function startProgram(path: string, args: string[]): Promise<GuardedProcess> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const child = startGuarded({
      command: execPath,
      args: [`${root}${path}`, ...args],
      cwd: root,
      onLine: (line) => {
        lines.push(line);
        if (lines.length > 50) lines.shift();
        if (line.includes("listening on")) resolve(child);
      },
    });
    void child.exited.then(({ code }) =>
      reject(new Error(`${path} ended with ${code} before it listened:\n${lines.join("\n")}`)),
    );
  });
}
