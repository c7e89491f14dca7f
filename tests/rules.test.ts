import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/**
 * The rules of money (docs/money.md) and the known failure modes of other billing systems: each has a test
 * whose title names it. This test fails when one has none.
 */
const rules = [...readFileSync("docs/money.md", "utf8").matchAll(/^- \*\*(M\d+)\*\*/gm)].map(
  (found) => found[1] ?? "",
);
const failureModes = [
  "stale overwrite by a late event",
  "duplicate customers",
  "two subscriptions, charged twice",
  "success page before webhook",
  "credit granted twice",
  "event marked done and then failed",
  "webhook missed, paid without access",
  "portal cancellation not seen",
  "plan stale after a change in the portal",
  "trial taken again and again",
  '"pay 0" shown, then charged',
  "upgrade on the last day farms credit",
  "access cut at the first decline",
  "refund keeps the credit",
  "dispute keeps the credit",
  "account deleted, billing goes on",
  "month end",
  "time zones",
  "test ids in live mode",
];

/** Returns the titles of all tests and groups. */
function readTitles(): string[] {
  const files = ["lib", "app", "db", "sandbox", "tests"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(test|spec)\.ts$/.test(name) && name !== "rules.test.ts")
      .map((name) => `${folder}/${name}`),
  );
  const title =
    /\b(?:it|test|describe)(?:\.each\((?:[^()]|\([^()]*\))*\))?\(\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|`([^`]*)`)/g;
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(title)].map((found) => found[1] ?? found[2] ?? found[3] ?? ""),
  );
}

const titles = readTitles();

describe("test titles", () => {
  test("the titles of plain and parametrized tests and all twenty rules are found", () => {
    expect(rules).toEqual(Array.from({ length: 20 }, (_, index) => `M${index + 1}`));
    expect(titles.length).toBeGreaterThan(900);
    expect(titles).toContain(
      "known failure mode: time zones: in %s months begin and end at the same moments",
    );
  });
  test.each(rules)("a test title names rule %s", (rule) => {
    expect(titles.filter((title) => new RegExp(`\\b${rule}\\b`).test(title))).not.toEqual([]);
  });
  test.each(failureModes)("a test title names the known failure mode: %s", (failureMode) => {
    expect(titles.filter((title) => title.startsWith(`known failure mode: ${failureMode}`))).not.toEqual([]);
  });
});
