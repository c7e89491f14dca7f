import { defineConfig } from "@playwright/test";
import { findChromium } from "#tests/runner/find-chromium.ts";

const chromium = findChromium();

/**
 * `npm run test:cluster`: the production build behind PgBouncer and Caddy with TLS, as compose.yaml describes
 * it. The worker process starts the cluster (tests/cluster/fixtures.ts), because tests restart its services.
 */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../../.data/cluster-tests-results",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    trace: "off",
    locale: "en-US",
    timezoneId: "UTC",
    // Chromium does not know the local certificate.
    ignoreHTTPSErrors: true,
    launchOptions: {
      ...(chromium !== undefined && { executablePath: chromium }),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    },
  },
});
