import { defineConfig, devices } from "@playwright/test";

const chromium = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } };
/** The specs that take longest start first, so that no worker is left with one of them at the end. */
const longSpecs = "**/{time-travel,app-crash,journey,payment-details,operator}.spec.ts";
const onlyPhone = "**/touch-targets.spec.ts";

/**
 * Tests the production build with the whole sandbox in Chromium. `tests/e2e/start-app.ts` starts and stops
 * both. Projects run in their order, each test in its own browser context.
 */
export default defineConfig({
  testDir: "tests/e2e",
  testMatch: "**/*.spec.ts",
  outputDir: ".data/e2e",
  globalSetup: "./tests/e2e/start-app.ts",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json"]],
  use: {
    // Written by the global setup before the workers start; every worker evaluates this file again.
    ...(process.env.E2E_APP_URL !== undefined && { baseURL: process.env.E2E_APP_URL }),
    // Traces take a seventh of the time; `playwright test --trace on` records them for a failed test.
    trace: "off",
    screenshot: "only-on-failure",
    // A worker would make requests that the tests cannot intercept; pwa.spec.ts allows it.
    serviceWorkers: "block",
    locale: "en-US",
    timezoneId: "UTC",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "desktop-long", use: desktop, testMatch: longSpecs },
    {
      name: "phone",
      use: phone,
      testMatch: ["**/{journey,screens,organize,palette,compare,composer-tools}.spec.ts", onlyPhone],
    },
    { name: "desktop", use: desktop, testIgnore: [longSpecs, onlyPhone] },
  ],
});
