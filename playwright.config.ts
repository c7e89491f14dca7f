import { defineConfig, devices } from "@playwright/test";

const chromium = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** The production build against the whole sandbox, in real Chromium. `tests/e2e/start-app.ts` starts and ends both. */
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
    // The set-up writes it before the workers start, and each reads this file anew.
    ...(process.env.E2E_APP_URL !== undefined && { baseURL: process.env.E2E_APP_URL }),
    // It costs a seventh of the time; `playwright test --trace on` looks closer at what failed.
    trace: "off",
    screenshot: "only-on-failure",
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
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    {
      name: "phone",
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } },
      testMatch: "**/{journey,screens}.spec.ts",
    },
  ],
});
