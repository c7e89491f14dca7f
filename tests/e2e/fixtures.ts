import { test as base, expect, type Page } from "@playwright/test";
import { seedPassword } from "#sandbox/seed/seed-users.ts";
import { signIn } from "#tests/e2e/users.ts";

type Guards = {
  /**
   * Allows a console error that the test provokes (a browser logs every response with status 400 and above).
   * The test fails when the error does not occur.
   */
  allowError: (pattern: RegExp) => void;
};
type Sessions = { adaSession: Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>> };

/** A console error or an uncaught exception on any page fails the test. */
export const test = base.extend<Guards, Sessions>({
  allowError: [
    async ({ context }, use) => {
      const errors: string[] = [];
      const allowed: RegExp[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => errors.push(String(error.error())));
      await use((pattern) => allowed.push(pattern));
      const unexpected = errors.filter((error) => !allowed.some((pattern) => pattern.test(error)));
      expect(unexpected, "errors in the browser's console").toEqual([]);
      const missing = allowed.filter((pattern) => !errors.some((error) => pattern.test(error)));
      expect(missing.map(String), "allowed errors that did not occur").toEqual([]);
    },
    { auto: true },
  ],
  adaSession: [
    async ({ browser }, use) => {
      const context = await browser.newContext({ baseURL: process.env.E2E_APP_URL ?? "" });
      await signIn(await context.newPage(), "ada@parley.example", seedPassword);
      const state = await context.storageState();
      await context.close();
      await use(state);
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

export { expect };

/** Signs the tests of a file or group in as the seeded user Ada, who has Pro and weeks of usage. */
export function signInAsAda(): void {
  test.use({ storageState: ({ adaSession }, use) => use(adaSession) });
}
