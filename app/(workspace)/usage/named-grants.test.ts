import { expect, test } from "vitest";
import { toNamedGrants } from "#app/(workspace)/usage/named-grants.ts";
import { freeAllowance } from "#lib/billing/entitlements/entitlements.ts";
import { usd } from "#lib/core/money.ts";
import type { Balance } from "#lib/usage/balance.ts";

type Grant = Balance["grants"][number];
const startsAt = new Date("2026-12-01T00:00:00Z");
const grant = (sourceKey: string, dollars: number, rest: Partial<Grant> = {}): Grant => ({
  ...{ kind: "allowance", sourceKey, amountMicros: usd(dollars), remainingMicros: usd(dollars) },
  ...{ takenBackMicros: 0, startsAt, expiresAt: new Date("2027-01-01T00:00:00Z") },
  ...rest,
});
const names = (grants: Grant[]) =>
  toNamedGrants(grants, null).map(({ name, planName }) => `${name} ${planName}`.trim());

test("toNamedGrants names allowances of one month by their source", () => {
  expect(
    names([
      grant("free:2026-12-01", 0.5),
      grant("allowance:si_1:2026-12-01", 15),
      grant("upgrade:si_1:in_2", 85),
      grant("allowance:si_1:2027-01-01", 7.25),
    ]),
  ).toEqual(["planAllowance Free", "planAllowance Pro", "upgrade", "allowance"]);
});

test("toNamedGrants lists the full Free allowance before its first use", () => {
  const due = freeAllowance(startsAt, startsAt);
  expect(toNamedGrants([], due)).toMatchObject([
    { name: "planAllowance", planName: "Free", leftMicros: usd(0.5), amountMicros: usd(0.5) },
  ]);
});

test("toNamedGrants keeps used-up grants, drops revoked ones and subtracts clawed back amounts", () => {
  const listed = toNamedGrants(
    [
      grant("allowance:si_1:2026-12-01", 15, { remainingMicros: 0 }),
      grant("top_up:pi_1", 50, { kind: "top_up", remainingMicros: 0, takenBackMicros: usd(50) }),
      grant("top_up:pi_2", 20, { kind: "top_up", remainingMicros: -usd(5), takenBackMicros: usd(20) }),
      grant("top_up:pi_3", 20, { kind: "top_up", remainingMicros: usd(8), takenBackMicros: usd(10) }),
    ],
    null,
  );
  expect(listed.map(({ key, leftMicros, amountMicros }) => [key, leftMicros, amountMicros])).toEqual([
    ["allowance:si_1:2026-12-01", 0, usd(15)],
    ["top_up:pi_3", usd(8), usd(10)],
  ]);
});
