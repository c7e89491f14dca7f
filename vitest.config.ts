import { defineConfig } from "vitest/config";

/** Unit tests need nothing; integration tests get one PostgreSQL for the run and a database of their own for each file. */
export default defineConfig({
  test: {
    projects: [
      {
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
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          environment: "node",
          globalSetup: ["tests/integration-setup.ts"],
          pool: "forks",
          // A third of a test is waiting.
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
