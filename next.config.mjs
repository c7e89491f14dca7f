/** For every answer, whoever asks. Pages get their content security policy from proxy.ts, with a nonce of their own. */
const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  // Browsers heed this over TLS alone, so that it does no harm on a developer's machine.
  { key: "Strict-Transport-Security", value: "max-age=31536000" },
];

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
