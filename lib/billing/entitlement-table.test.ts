import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Entitlements, entitlementsOf, graceMs } from "#lib/billing/entitlements.ts";
import type { SubscriptionState } from "#lib/billing/read.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 31, 12);
const end = Date.UTC(2026, 1, 28, 12);
const during = new Date(start + 10 * dayMs);

/** Pro by the month, in good standing, but for what is given. */
const decide = (given: Partial<SubscriptionState>): Entitlements =>
  entitlementsOf(
    {
      id: "sub_1",
      status: "active",
      lookupKey: "pro_month",
      cancelAtPeriodEnd: false,
      cancelAtMs: null,
      trialEndsAtMs: null,
      pastDueSinceMs: null,
      periodStartMs: start,
      periodEndMs: end,
      ...given,
    },
    during,
  );

/** What Stripe has, and what it entitles to on the eleventh day of the period. */
const cases: [string, Partial<SubscriptionState>, Entitlements["plan"], Entitlements["source"]][] = [
  ["active", {}, "pro", "subscription"],
  ["active, of the other plan", { lookupKey: "enterprise_year" }, "enterprise", "subscription"],
  ["trialing", { status: "trialing", trialEndsAtMs: end }, "pro", "trial"],
  [
    "past due for two days",
    { status: "past_due", pastDueSinceMs: during.getTime() - 2 * dayMs },
    "pro",
    "grace",
  ],
  [
    "past due for three days (M13)",
    { status: "past_due", pastDueSinceMs: during.getTime() - graceMs },
    "free",
    "free",
  ],
  [
    "past due, the failure unknown, in the period's first days",
    { status: "past_due", periodStartMs: during.getTime() - dayMs },
    "pro",
    "grace",
  ],
  ["past due, nothing known", { status: "past_due", periodStartMs: null, periodEndMs: null }, "free", "free"],
  [
    "past due for a day with the first payment after a trial: as with a renewal (M13)",
    {
      status: "past_due",
      trialEndsAtMs: during.getTime() - dayMs,
      pastDueSinceMs: during.getTime() - dayMs,
    },
    "pro",
    "grace",
  ],
  [
    "past due for three days with the first payment after a trial (M13)",
    {
      status: "past_due",
      trialEndsAtMs: during.getTime() - graceMs,
      pastDueSinceMs: during.getTime() - graceMs,
    },
    "free",
    "free",
  ],
  [
    "a trial that ended for want of a card (M11)",
    { status: "canceled", trialEndsAtMs: start },
    "free",
    "free",
  ],
  ["canceled at period end, before that moment (M14)", { cancelAtPeriodEnd: true }, "pro", "subscription"],
  [
    "canceled at period end, from that moment on (M14)",
    { cancelAtPeriodEnd: true, periodEndMs: during.getTime() },
    "free",
    "free",
  ],
  [
    "to be canceled on a date that the portal has set, before it (M14)",
    { cancelAtMs: end - 5 * dayMs },
    "pro",
    "subscription",
  ],
  [
    "past due, and canceled before the grace is over (M13)",
    { status: "past_due", pastDueSinceMs: during.getTime() - dayMs, cancelAtMs: during.getTime() + dayMs },
    "pro",
    "grace",
  ],
  [
    "trialing, to be canceled with the trial (M11)",
    { status: "trialing", trialEndsAtMs: end, cancelAtPeriodEnd: true },
    "pro",
    "trial",
  ],
  [
    "trialing, a day over its end, Stripe's word still on its way",
    { status: "trialing", trialEndsAtMs: during.getTime() - dayMs },
    "pro",
    "trial",
  ],
  [
    "trialing, three days over its end without a word",
    { status: "trialing", trialEndsAtMs: during.getTime() - graceMs },
    "free",
    "free",
  ],
  ["unpaid", { status: "unpaid" }, "free", "free"],
  ["incomplete", { status: "incomplete" }, "free", "free"],
  ["incomplete and expired", { status: "incomplete_expired" }, "free", "free"],
  ["paused", { status: "paused" }, "free", "free"],
  ["canceled at once (M14)", { status: "canceled" }, "free", "free"],
  ["a state that Stripe invents tomorrow", { status: "hibernating" }, "free", "free"],
  ["active at a price that is not ours", { lookupKey: "somebody_elses" }, "free", "free"],
  ["active without a price", { lookupKey: null }, "free", "free"],
];

const readmePath = fileURLToPath(new URL("README.md", import.meta.url));
const tableBegins = "<!-- written by entitlement-table.test.ts -->";
const tableEnds = "<!-- end of what entitlement-table.test.ts writes -->";

/** The cases as the function decides them, for people. */
function tableOfCases(): string {
  const rows = cases.map(([situation, given]) => {
    const { plan, source, endsAt } = decide(given);
    const days = endsAt === null ? null : (endsAt.getTime() - during.getTime()) / dayMs;
    return `| ${situation} | ${plan} | ${source} | ${source === "free" ? "" : sayUntil(days)} |`;
  });
  return [
    "| subscription, on the eleventh day of its month | plan | by | by what is known now |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function sayUntil(days: number | null): string {
  if (days === null) return "goes on";
  if (days <= 0) return "until Stripe says what became of it";
  return `for ${days} ${days === 1 ? "day" : "days"} more`;
}

describe("the table of entitlements", () => {
  test.each(cases)("%s", (_name, given, plan, source) => {
    expect(decide(given)).toMatchObject({ plan, source });
  });

  test("is said in the room's README by these same cases (vitest -u writes the table anew)", async () => {
    const readme = readFileSync(readmePath, "utf8");
    const [before, after] = [readme.split(tableBegins)[0], readme.split(tableEnds)[1]];
    const whole = `${before}${tableBegins}\n\n${tableOfCases()}\n\n${tableEnds}${after}`;
    await expect(whole).toMatchFileSnapshot(readmePath);
  });
});
