import { randomUUID } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

/** Every test's page: an error in its console, or thrown on the page, fails the test. */
export const test = base.extend<{ page: Page; quietConsole: undefined }>({
  page: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    await use(page);
    expect(errors, "errors in the browser's console").toEqual([]);
  },
});

export { expect };

export type Person = { email: string; password: string; name: string };

/** Somebody nobody has met. */
export function newPerson(): Person {
  return {
    email: `${randomUUID()}@people.example`,
    password: `a long pass phrase ${randomUUID()}`,
    name: "Grace Hopper",
  };
}

/** No rule of WCAG 2.2 A and AA that axe can check is broken on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const told = violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => `${node.target}\n  ${node.failureSummary ?? ""}`).join("\n")}`,
  );
  expect(told).toEqual([]);
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
