import { z } from "zod";
import { singleton } from "#lib/core/singleton.ts";

const url = (name: string) => z.url({ error: `${name} must be a URL` });
const flag = z.enum(["on", "off"]);

const schema = z.object({
  APP_ENV: z.enum(["local", "test", "production"]),
  /** Set by Next.js itself: "development" under `next dev`. */
  NODE_ENV: z.string().optional(),
  APP_URL: url("APP_URL"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  APP_NAME: z.string().min(1).default("Parley"),
  AUTH_SECRET: z.string().min(32, "AUTH_SECRET must have at least 32 characters (openssl rand -base64 33)"),
  DATABASE_URL: z.string().startsWith("postgres", "DATABASE_URL must start with postgres://"),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(20),
  OPENAI_BASE_URL: url("OPENAI_BASE_URL").default("https://api.openai.com/v1"),
  OPENAI_API_KEY: z.string().min(1, "OPENAI_API_KEY is missing"),
  /** A JSON file with the operator's own models and upstreams; see docs/models.md. */
  MODELS_FILE: z.string().optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_/, "STRIPE_SECRET_KEY must start with sk_ or rk_"),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith("whsec_", "STRIPE_WEBHOOK_SECRET must start with whsec_"),
  /** The secret before the last rotation; signatures by either are good. */
  STRIPE_WEBHOOK_SECRET_PREVIOUS: z.string().startsWith("whsec_").optional(),
  /** Of the event destination through which Stripe tells of meters: such events are thin, and cannot come by the other way. */
  STRIPE_WEBHOOK_SECRET_METERS: z.string().startsWith("whsec_").optional(),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .startsWith("pk_", "STRIPE_PUBLISHABLE_KEY must start with pk_")
    .optional(),
  STRIPE_API_BASE: url("STRIPE_API_BASE").optional(),
  /** Set by the sandbox alone: its stand-in for Stripe.js, where no test leads the browser to it. */
  STRIPE_JS_URL: url("STRIPE_JS_URL").optional(),
  /** "on" lets Stripe Tax reckon tax on every payment. */
  STRIPE_TAX: flag.default("off"),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "SMTP_URL must start with smtp:// or smtps://"),
  MAIL_FROM: z.string().min(3).default("Parley <hello@parley.example>"),
  AUTH_GOOGLE_ID: z.string().optional(),
  AUTH_GOOGLE_SECRET: z.string().optional(),
  AUTH_GITHUB_ID: z.string().optional(),
  AUTH_GITHUB_SECRET: z.string().optional(),
  /** "on" runs the jobs in the app's process; "off" leaves them to `npm run worker`. */
  WORKER: flag.default("on"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  LOG_CONTENT: z.enum(["off", "masked", "full"]).default("off"),
  METRICS_TOKEN: z.string().min(16, "METRICS_TOKEN must have at least 16 characters").optional(),
  ALERT_EMAIL: z.email().optional(),
  ALERT_WEBHOOK_URL: url("ALERT_WEBHOOK_URL").optional(),
  /** How many proxies in front of the app may be believed about X-Forwarded-For. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  /** Set by the sandbox alone, so that pages can link to it. */
  SANDBOX_STRIPE_URL: url("SANDBOX_STRIPE_URL").optional(),
  SANDBOX_MAIL_URL: url("SANDBOX_MAIL_URL").optional(),
});

export type Env = z.infer<typeof schema>;

const pairs = [
  ["AUTH_GOOGLE_ID", "AUTH_GOOGLE_SECRET"],
  ["AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET"],
] as const;

/** Everything that is wrong with an environment, a sentence each; empty when the app may start. */
export function problemsOf(source: Record<string, string | undefined>): string[] {
  const kept = withoutBlanks(source);
  const parsed = schema.safeParse(kept);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => {
      const name = issue.path.join(".");
      if (kept[name] === undefined) return `${name} is missing.`;
      return issue.message.includes(name) ? `${issue.message}.` : `${name}: ${issue.message}.`;
    });
  }
  const env = parsed.data;
  const problems = pairs
    .filter(([id, secret]) => (env[id] === undefined) !== (env[secret] === undefined))
    .map(([id, secret]) => `${id} and ${secret} belong together: set both or none.`);
  return [...problems, ...(env.APP_ENV === "production" ? sandboxValuesOf(env) : mixedModesOf(env))];
}

/** A browser with a key of the other mode knows nothing of what the server sold. */
function mixedModesOf({ STRIPE_PUBLISHABLE_KEY, STRIPE_SECRET_KEY }: Env): string[] {
  if (STRIPE_PUBLISHABLE_KEY === undefined) return [];
  if (isLive(STRIPE_PUBLISHABLE_KEY) === isLive(STRIPE_SECRET_KEY)) return [];
  return ["STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must both be live keys, or both be test keys."];
}

/** Whether a key of Stripe's moves real money. */
export function isLive(stripeKey: string): boolean {
  return stripeKey.includes("_live_");
}

/** In production nothing may point at the sandbox, be known to the world, or travel without TLS. */
function sandboxValuesOf(env: Env): string[] {
  const problems: string[] = [];
  if (env.OPENAI_API_KEY.startsWith("sk-sandbox"))
    problems.push("OPENAI_API_KEY is the sandbox's key: set a real one.");
  if (/^[sr]k_test_/.test(env.STRIPE_SECRET_KEY))
    problems.push("STRIPE_SECRET_KEY is a test key: production needs a live one.");
  if (env.STRIPE_PUBLISHABLE_KEY?.startsWith("pk_test_"))
    problems.push("STRIPE_PUBLISHABLE_KEY is a test key: production needs a live one.");
  if (env.STRIPE_API_BASE !== undefined) problems.push("STRIPE_API_BASE points away from Stripe: remove it.");
  if (env.STRIPE_JS_URL !== undefined) problems.push("STRIPE_JS_URL points away from Stripe: remove it.");
  if (/sandbox/i.test(env.AUTH_SECRET))
    problems.push("AUTH_SECRET is the sandbox's: make one with openssl rand -base64 33.");
  if (env.SANDBOX_STRIPE_URL !== undefined || env.SANDBOX_MAIL_URL !== undefined)
    problems.push("SANDBOX_STRIPE_URL and SANDBOX_MAIL_URL belong to the sandbox: remove them.");
  if (!/^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]?/.test(env.APP_URL))
    problems.push("APP_URL must start with https://, because cookies are sent over TLS alone.");
  return problems;
}

/** What is wrong with this process's own environment, a sentence each. */
export function problemsOfProcess(): string[] {
  return problemsOf(process.env);
}

/** Makes this a process of production where nothing says otherwise; before React is loaded, which then leaves its checks out. */
export function runAsProduction(): void {
  // Next.js declares the variable read-only.
  Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV || "production" });
}

/** The environment, parsed once a process; throws with a sentence for each problem. */
export function env(): Env {
  return singleton("env", () => parseEnv(process.env));
}

/** Parses an environment or throws an error that lists every problem on a line of its own. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const problems = problemsOf(source);
  if (problems.length > 0) {
    throw new Error(`The environment is not complete:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
  }
  return schema.parse(withoutBlanks(source));
}

/**
 * A secret that a configuration file names instead of holding it.
 * @throws Error when the variable is not set
 */
export function secretNamed(name: string): string {
  const secret = process.env[name];
  if (secret === undefined || secret === "")
    throw new Error(`${name} is missing; the models' file names it.`);
  return secret;
}

/** How to log. Asked apart from `env()`, because the log must work also where the environment is not complete. */
export function loggingOf(source: Record<string, string | undefined> = process.env): {
  level: string;
  readable: boolean;
} {
  const { APP_ENV, LOG_LEVEL, VITEST } = withoutBlanks(source);
  const level = schema.shape.LOG_LEVEL.safeParse(LOG_LEVEL).data;
  return { level: level ?? (VITEST === undefined ? "info" : "silent"), readable: APP_ENV === "local" };
}

/**
 * An empty line in a .env file means "not set". Where nothing says otherwise it is production, the strictest: under
 * `next dev` alone it is local, under a test runner test.
 */
function withoutBlanks(source: Record<string, string | undefined>): Record<string, string | undefined> {
  const kept = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const usual = { development: "local", test: "test" }[kept.NODE_ENV ?? ""] ?? "production";
  return { ...kept, APP_ENV: kept.APP_ENV ?? usual };
}
