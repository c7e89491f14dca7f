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

/** What tests and their groups are called, in every file of tests. */
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

describe("a test is named after", () => {
  test("titles are read at all, also those of tables, and all twenty rules", () => {
    expect(rules).toEqual(Array.from({ length: 20 }, (_, index) => `M${index + 1}`));
    expect(titles.length).toBeGreaterThan(900);
    expect(titles).toContain(
      "known failure mode: time zones: in %s months begin and end at the same moments",
    );
  });
  test.each(rules)("rule %s", (rule) => {
    expect(titles.filter((title) => new RegExp(`\\b${rule}\\b`).test(title))).not.toEqual([]);
  });
  test.each(failureModes)("the known failure mode: %s", (failureMode) => {
    expect(titles.filter((title) => title.startsWith(`known failure mode: ${failureMode}`))).not.toEqual([]);
  });
});
