import createNextIntlPlugin from "next-intl/plugin";
import { securityHeaders } from "./app/_http/security-headers.ts";

/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm test` checks the types in a stage of its own.
  typescript: { ignoreBuildErrors: process.env.SKIP_TYPE_CHECK === "1" },
  // The first ones load native code or worker threads and must not be bundled. The others are large: Node.js
  // loads them in a fraction of the time that bundling takes at every start of `npm run dev`.
  serverExternalPackages: [
    "@node-rs/argon2",
    "pg-boss",
    "pino",
    "postgres",
    "nodemailer",
    "prom-client",
    "gpt-tokenizer",
    "drizzle-orm",
    "openai",
    "stripe",
    "zod",
    "@opentelemetry/api",
    "@opentelemetry/exporter-metrics-otlp-http",
    "@opentelemetry/exporter-metrics-otlp-proto",
    "@opentelemetry/exporter-trace-otlp-http",
    "@opentelemetry/exporter-trace-otlp-proto",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/sdk-trace",
    "@sentry/node",
  ],
  turbopack: {
    resolveAlias: {
      // Messages are compiled on the server, so no parser of the ICU syntax is loaded by browsers.
      "use-intl/format-message": "./node_modules/use-intl/dist/esm/production/format-message/format-only.js",
    },
  },
  async headers() {
    return [{ source: "/:path*", headers: securityHeaders }];
  },
};

const withNextIntl = createNextIntlPlugin("./app/_i18n/request.ts");

export default withNextIntl(config);
