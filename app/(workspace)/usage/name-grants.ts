import { planList } from "#lib/billing/catalog/plans.ts";
import type { Balance } from "#lib/usage/balance.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

type Grant = Balance["grants"][number];

/** Credit as the usage page lists it. Money in micro-USD. */
export type NamedGrant = {
  key: string;
  name: string;
  kind: Grant["kind"];
  leftMicros: number;
  /** What it was, less what was taken back of it. */
  amountMicros: number;
  expiresAt: Date;
};

const kinds: Record<Grant["kind"], string> = {
  allowance: "This month's allowance",
  trial: "Trial credit",
  grace: "Credit until the payment is made",
  top_up: "Bought credit",
  manual: "Credit given to you",
  restored: "Restored credit",
};

/**
 * Tells the credit that runs apart by name, in the order in which it is spent. What was taken back and has nothing left is
 * left out. Pure.
 * @param due Free's allowance where its first use will grant it; null where it was granted or is none
 */
export function nameGrants(grants: Grant[], due: GrantInput | null): NamedGrant[] {
  const waiting = due === null ? [] : [{ ...due, remainingMicros: due.amountMicros, takenBackMicros: 0 }];
  return [...waiting, ...grants]
    .filter(({ remainingMicros, takenBackMicros }) => remainingMicros > 0 || takenBackMicros === 0)
    .map((grant) => ({
      key: grant.sourceKey,
      name: nameOf(grant),
      kind: grant.kind,
      leftMicros: Math.max(0, grant.remainingMicros),
      amountMicros: grant.amountMicros - grant.takenBackMicros,
      expiresAt: grant.expiresAt,
    }));
}

/** A month may have an allowance of Free, one of a plan and what upgrades added to it: three of one kind. */
function nameOf({
  kind,
  sourceKey,
  amountMicros,
}: Pick<Grant, "kind" | "sourceKey" | "amountMicros">): string {
  if (kind !== "allowance") return kinds[kind];
  if (sourceKey.startsWith("upgrade:")) return "Added by your upgrade";
  const plan = planList.find(({ allowanceMicros }) => allowanceMicros === amountMicros);
  return plan === undefined ? kinds.allowance : `Allowance of ${plan.name}`;
}
