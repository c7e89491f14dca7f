import { securityHeaders } from "./app/_http/security-headers.ts";

/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The first load native code or worker threads of their own and must not be bundled; the others are large, and Node.js loads
  // them in a fraction of the time that bundling them takes at each start of `npm run dev`.
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
  ],
  async headers() {
    return [{ source: "/:path*", headers: securityHeaders }];
  },
};

export default config;
