/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // These load native code or worker threads of their own and must not be bundled.
  serverExternalPackages: ["@node-rs/argon2", "pg-boss", "pino", "postgres", "nodemailer", "prom-client", "gpt-tokenizer"],
};

export default config;
