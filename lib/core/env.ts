import { z } from "zod";
import { singleton } from "#lib/core/singleton.ts";

const url = (name: string) => z.url({ error: `${name} must be a URL` });
const postgresUrl = (name: string) =>
  z.string().startsWith("postgres", `${name} must start with postgres://`);
const flag = z.enum(["on", "off"]);

const schema = z.object({
  APP_ENV: z.enum(["local", "test", "production"]),
  /** Set by Next.js itself: "development" under `next dev`. */
  NODE_ENV: z.string().optional(),
  APP_URL: url("APP_URL"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  APP_NAME: z.string().min(1).default("Parley"),
  AUTH_SECRET: z.string().min(32, "AUTH_SECRET must have at least 32 characters (openssl rand -base64 33)"),
  /** The secret before the last rotation: cookies and stored secrets made with it are still accepted. */
  AUTH_SECRET_PREVIOUS: z
    .string()
    .min(32, "AUTH_SECRET_PREVIOUS must have at least 32 characters")
    .optional(),
  DATABASE_URL: postgresUrl("DATABASE_URL"),
  /** Past a pooler in transaction mode: LISTEN and the job queue need sessions. */
  DATABASE_DIRECT_URL: postgresUrl("DATABASE_DIRECT_URL").optional(),
  /** Of the role that owns the tables; without it, the app's own role migrates. */
  MIGRATION_DATABASE_URL: postgresUrl("MIGRATION_DATABASE_URL").optional(),
  /** Only for `npm run database:roles`. */
  DATABASE_ADMIN_URL: postgresUrl("DATABASE_ADMIN_URL").optional(),
  /** "off" only checks at start that `npm run migrate` has run. */
  MIGRATE_AT_START: flag.default("on"),
  /** "off" for poolers in transaction mode that do not track prepared statements. */
  DATABASE_PREPARED_STATEMENTS: flag.default("on"),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(20),
  OPENAI_BASE_URL: url("OPENAI_BASE_URL").default("https://api.openai.com/v1"),
  OPENAI_API_KEY: z.string().min(1, "OPENAI_API_KEY is missing"),
  /** A JSON file with the operator's own models and upstreams; see docs/models.md. */
  MODELS_FILE: z.string().optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_/, "STRIPE_SECRET_KEY must start with sk_ or rk_"),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith("whsec_", "STRIPE_WEBHOOK_SECRET must start with whsec_"),
  /** The secret before the last rotation; signatures with either secret are accepted. */
  STRIPE_WEBHOOK_SECRET_PREVIOUS: z.string().startsWith("whsec_").optional(),
  /** Of the event destination for meter events, which Stripe sends as thin events only. */
  STRIPE_WEBHOOK_SECRET_METERS: z.string().startsWith("whsec_").optional(),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .startsWith("pk_", "STRIPE_PUBLISHABLE_KEY must start with pk_")
    .optional(),
  STRIPE_API_BASE: url("STRIPE_API_BASE").optional(),
  /** Set by the sandbox only: its replacement for Stripe.js. */
  STRIPE_JS_URL: url("STRIPE_JS_URL").optional(),
  /** "on" lets Stripe Tax calculate tax on every payment. */
  STRIPE_TAX: flag.default("off"),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "SMTP_URL must start with smtp:// or smtps://"),
  MAIL_FROM: z.string().min(3).default("Parley <hello@parley.example>"),
  AUTH_GOOGLE_ID: z.string().optional(),
  AUTH_GOOGLE_SECRET: z.string().optional(),
  AUTH_GITHUB_ID: z.string().optional(),
  AUTH_GITHUB_SECRET: z.string().optional(),
  /** "on" runs the jobs in the app's process; with "off", run `npm run worker`. */
  WORKER: flag.default("on"),
  /** After SIGTERM, running answers may go on for this long before they are ended and saved. */
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(3_600).default(0),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  LOG_CONTENT: z.enum(["off", "masked", "full"]).default("off"),
  METRICS_TOKEN: z.string().min(16, "METRICS_TOKEN must have at least 16 characters").optional(),
  /** The base URL of an OpenTelemetry collector; without it, nothing of OpenTelemetry is loaded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: url("OTEL_EXPORTER_OTLP_ENDPOINT").optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(["http/protobuf", "http/json"], "OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json")
    .default("http/protobuf"),
  OTEL_SERVICE_NAME: z.string().default("parley"),
  /** The part of the traces that is recorded, from 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** How often metrics are sent, in milliseconds. */
  OTEL_METRIC_EXPORT_INTERVAL: z.coerce.number().int().min(1_000).default(60_000),
  /** The upstreams that get the W3C `traceparent` header; others do not learn of traces. */
  TRACE_UPSTREAMS: z
    .string()
    .default("")
    .transform((names) => names.split(",").map((name) => name.trim())),
  /** Where errors are reported to Sentry; without it, nothing of Sentry is loaded. */
  SENTRY_DSN: url("SENTRY_DSN").optional(),
  ALERT_EMAIL: z.email().optional(),
  ALERT_WEBHOOK_URL: url("ALERT_WEBHOOK_URL").optional(),
  /** How many proxies in front of the app are trusted to set X-Forwarded-For. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  /** "on" lets API requests name images at private addresses, for upstreams in a network of their own. */
  ALLOW_PRIVATE_IMAGE_URLS: flag.default("off"),
  /** Set by the sandbox only, so that pages can link to it. */
  SANDBOX_STRIPE_URL: url("SANDBOX_STRIPE_URL").optional(),
  SANDBOX_MAIL_URL: url("SANDBOX_MAIL_URL").optional(),
});

export type Env = z.infer<typeof schema>;

const pairs = [
  ["AUTH_GOOGLE_ID", "AUTH_GOOGLE_SECRET"],
  ["AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET"],
] as const;

/** Returns one sentence per error of an environment; empty if the app may start. */
export function envErrors(source: Record<string, string | undefined>): string[] {
  const values = withDefaults(source);
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => {
      const name = issue.path.join(".");
      if (values[name] === undefined) return `${name} is missing.`;
      return issue.message.includes(name) ? `${issue.message}.` : `${name}: ${issue.message}.`;
    });
  }
  const env = parsed.data;
  const errors = pairs
    .filter(([id, secret]) => (env[id] === undefined) !== (env[secret] === undefined))
    .map(([id, secret]) => `${id} and ${secret} belong together: set both or none.`);
  return [...errors, ...(env.APP_ENV === "production" ? productionErrors(env) : keyModeErrors(env))];
}

/** The browser cannot use the objects that the server created in the other mode. */
function keyModeErrors({ STRIPE_PUBLISHABLE_KEY, STRIPE_SECRET_KEY }: Env): string[] {
  if (STRIPE_PUBLISHABLE_KEY === undefined) return [];
  if (isLiveKey(STRIPE_PUBLISHABLE_KEY) === isLiveKey(STRIPE_SECRET_KEY)) return [];
  return ["STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must both be live keys, or both be test keys."];
}

/** Whether a Stripe key is a live key. */
export function isLiveKey(stripeKey: string): boolean {
  return stripeKey.includes("_live_");
}

/** Production must not use the sandbox, test keys, public secrets, or a URL without TLS. */
function productionErrors(env: Env): string[] {
  const errors: string[] = [];
  if (env.OPENAI_API_KEY.startsWith("sk-sandbox"))
    errors.push("OPENAI_API_KEY is the sandbox's key: set a real one.");
  if (/^[sr]k_test_/.test(env.STRIPE_SECRET_KEY))
    errors.push("STRIPE_SECRET_KEY is a test key: production needs a live one.");
  if (env.STRIPE_PUBLISHABLE_KEY?.startsWith("pk_test_"))
    errors.push("STRIPE_PUBLISHABLE_KEY is a test key: production needs a live one.");
  if (env.STRIPE_API_BASE !== undefined) errors.push("STRIPE_API_BASE points away from Stripe: remove it.");
  if (env.STRIPE_JS_URL !== undefined) errors.push("STRIPE_JS_URL points away from Stripe: remove it.");
  if (/sandbox/i.test(env.AUTH_SECRET))
    errors.push("AUTH_SECRET is the sandbox's: make one with openssl rand -base64 33.");
  if (env.SANDBOX_STRIPE_URL !== undefined || env.SANDBOX_MAIL_URL !== undefined)
    errors.push("SANDBOX_STRIPE_URL and SANDBOX_MAIL_URL belong to the sandbox: remove them.");
  if (!/^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]?/.test(env.APP_URL))
    errors.push("APP_URL must start with https://, because cookies are sent over TLS alone.");
  return errors;
}

/** Returns one sentence per error of this process's environment. */
export function processEnvErrors(): string[] {
  return envErrors(process.env);
}

/**
 * Sets NODE_ENV to "production" if it is unset. Must run before React is loaded, which otherwise enables its
 * development checks.
 */
export function defaultToProduction(): void {
  // Next.js declares the variable read-only.
  Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV || "production" });
}

/**
 * Tells Next.js where this server listens. After a server action that redirects, it requests the next page
 * from itself; without this it would take the scheme of the proxy and fail.
 */
export function setOwnOrigin(origin: string): void {
  process.env.__NEXT_PRIVATE_ORIGIN = origin;
}

/**
 * The environment, parsed once per process.
 * @throws Error with one sentence per error
 */
export function env(): Env {
  return singleton("env", () => parseEnv(process.env));
}

/**
 * Parses an environment.
 * @throws Error with one line per error
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const errors = envErrors(source);
  if (errors.length > 0) {
    throw new Error(`The environment is not complete:\n${errors.map((line) => `  - ${line}`).join("\n")}`);
  }
  return schema.parse(withDefaults(source));
}

/** The connection strings: of the app, of its sessions past a pooler, and of the migrations. */
export function databaseUrls(): { app: string; direct: string; migration: string } {
  const { DATABASE_URL: app, DATABASE_DIRECT_URL, MIGRATION_DATABASE_URL } = env();
  const direct = DATABASE_DIRECT_URL ?? app;
  return { app, direct, migration: MIGRATION_DATABASE_URL ?? direct };
}

/** The secrets of cookies and stored secrets: the current one, which signs, and the previous one, if any. */
export function authSecrets(): string[] {
  const { AUTH_SECRET, AUTH_SECRET_PREVIOUS } = env();
  return AUTH_SECRET_PREVIOUS === undefined ? [AUTH_SECRET] : [AUTH_SECRET, AUTH_SECRET_PREVIOUS];
}

/**
 * Reads a secret whose variable name is given in a configuration file.
 * @throws Error if the variable is not set
 */
export function readSecret(name: string): string {
  const secret = process.env[name];
  if (secret === undefined || secret === "")
    throw new Error(`${name} is missing; the models file refers to it.`);
  return secret;
}

/** Log settings. Independent of `env()`, because the log must work with an incomplete environment. */
export function readLogSettings(source: Record<string, string | undefined> = process.env): {
  level: string;
  readable: boolean;
} {
  const { APP_ENV, LOG_LEVEL, VITEST } = withDefaults(source);
  const level = schema.shape.LOG_LEVEL.safeParse(LOG_LEVEL).data;
  return { level: level ?? (VITEST === undefined ? "info" : "silent"), readable: APP_ENV === "local" };
}

/**
 * Removes empty values, which mean "not set" in a .env file, and sets APP_ENV: "local" under `next dev`,
 * "test" under a test runner, otherwise "production", which has the strictest checks.
 */
function withDefaults(source: Record<string, string | undefined>): Record<string, string | undefined> {
  const values = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const defaultAppEnv = { development: "local", test: "test" }[values.NODE_ENV ?? ""] ?? "production";
  return { ...values, APP_ENV: values.APP_ENV ?? defaultAppEnv };
}
