import { randomUUID } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { seedPassword } from "#db/seed/people.ts";

type Guards = {
  /**
   * Allows an error in the console that belongs to what is tested (a browser logs each answer of 400 and above). It must
   * come, or the test fails: so none is allowed in vain.
   */
  allowError: (pattern: RegExp) => void;
};
type Sessions = { adaSession: Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>> };

/** On every page of a test: an error in the console, or thrown on the page, fails the test. */
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
      expect(missing.map(String), "errors that were allowed and never came").toEqual([]);
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

/** Makes the tests of a file or group those of Ada, whom the seed gave Pro and weeks of usage. */
export function asAda(): void {
  test.use({ storageState: ({ adaSession }, use) => use(adaSession) });
}

export type Person = { email: string; password: string };

/** Somebody nobody has met. */
export function newPerson(): Person {
  return { email: `${randomUUID()}@people.example`, password: `a long pass phrase ${randomUUID()}` };
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chat");
}

/**
 * Makes an account the way people do, and arrives at the chat.
 * @param origin where the app is, when it is not the run's own
 */
export async function signUp(page: Page, origin = ""): Promise<Person> {
  const person = newPerson();
  await page.goto(`${origin}/sign-up`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.waitForURL("**/chat");
  return person;
}

/** No rule of WCAG 2.2 A and AA that axe can check is broken on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectNoViolations(page, {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  });
}

/** The one rule that another theme of the same page can break. */
export async function expectContrast(page: Page): Promise<void> {
  await expectNoViolations(page, { type: "rule", values: ["color-contrast"] });
}

async function expectNoViolations(
  page: Page,
  runOnly: { type: "tag" | "rule"; values: string[] },
): Promise<void> {
  await page.evaluate(untilStill);
  // What is fine is not described, and no second page is opened for frames of other origins, which we have none of: each of
  // the two is a third of the time.
  const axe = new AxeBuilder({ page }).options({ runOnly, resultTypes: ["violations"] }).setLegacyMode();
  const { violations } = await axe.analyze();
  const told = violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => `${node.target}\n  ${node.failureSummary ?? ""}`).join("\n")}`,
  );
  expect(told, `what axe finds on ${page.url()}`).toEqual([]);
}

/** Runs in the page: what is still fading in has not its colours yet. What turns for ever is not waited for. */
async function untilStill(): Promise<void> {
  const passing = document
    .getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(passing.map((one) => one.finished));
}

/** The newest letter to an address, waited for. */
export async function readLetter(to: string, subject: RegExp): Promise<{ text: string; html: string }> {
  let found: { text: string; html: string } | undefined;
  await expect(async () => {
    const answer = await fetch(`${process.env.SANDBOX_MAIL_URL}/api/messages?to=${encodeURIComponent(to)}`);
    const letters = (await answer.json()) as { id: string; subject: string }[];
    const letter = letters.find((candidate) => subject.test(candidate.subject));
    expect(letter, `a letter to ${to} about ${subject}`).toBeDefined();
    const whole = await fetch(`${process.env.SANDBOX_MAIL_URL}/api/messages/${letter?.id}`);
    found = (await whole.json()) as { text: string; html: string };
  }).toPass({ timeout: 20_000 });
  return found as { text: string; html: string };
}
