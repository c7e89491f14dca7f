import { defineConfig } from "vitest/config";
import { coveragePlugin } from "./tests/coverage/plugin.ts";

/** With the long random-test budget a test runs up to twenty times as many cases. */
const timeoutMs = process.env.TEST_BUDGET === "long" ? 600_000 : 60_000;

/**
 * Unit tests need no other process; integration tests share one PostgreSQL, on which each file has its own
 * database. Files share a worker's process, because loading the modules again costs more than many files'
 * tests. `tests/file-setup.ts` resets what a file may leave behind.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [coveragePlugin()],
        test: {
          name: "unit",
          include: [
            "{lib,app,sandbox,db}/**/*.test.ts",
            "tests/architecture.test.ts",
            "tests/rules.test.ts",
            "tests/scope.test.ts",
            "tests/unit/**/*.test.ts",
          ],
          environment: "node",
          setupFiles: ["tests/file-setup.ts"],
          pool: "forks",
          isolate: false,
          testTimeout: timeoutMs,
        },
      },
      {
        plugins: [coveragePlugin()],
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          environment: "node",
          globalSetup: ["tests/integration-setup.ts"],
          setupFiles: ["tests/file-setup.ts"],
          pool: "forks",
          isolate: false,
          // Tests wait for the database a third of their time.
          maxWorkers: 3,
          testTimeout: timeoutMs,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
