import { planList } from "#lib/billing/catalog/plans.ts";
import type { Balance } from "#lib/usage/balance.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

type Grant = Balance["grants"][number];

/** A grant on the usage page. */
export type NamedGrant = {
  key: string;
  name: string;
  kind: Grant["kind"];
  leftMicros: number;
  /** The granted amount without what was clawed back. */
  amountMicros: number;
  expiresAt: Date;
};

const kindNames: Record<Grant["kind"], string> = {
  allowance: "This month's allowance",
  trial: "Trial credit",
  grace: "Credit until the payment is made",
  top_up: "Bought credit",
  manual: "Credit given to you",
  restored: "Restored credit",
};

/**
 * Names the active grants, in spending order. Leaves out grants that were clawed back completely.
 * @param due the Free allowance that the next request will grant; null if it is granted already or not
 * available
 */
export function toNamedGrants(grants: Grant[], due: GrantInput | null): NamedGrant[] {
  const upcoming = due === null ? [] : [{ ...due, remainingMicros: due.amountMicros, takenBackMicros: 0 }];
  return [...upcoming, ...grants]
    .filter(({ remainingMicros, takenBackMicros }) => remainingMicros > 0 || takenBackMicros === 0)
    .map((grant) => ({
      key: grant.sourceKey,
      name: grantName(grant),
      kind: grant.kind,
      leftMicros: Math.max(0, grant.remainingMicros),
      amountMicros: grant.amountMicros - grant.takenBackMicros,
      expiresAt: grant.expiresAt,
    }));
}

/** The grant's name. Free allowance, plan allowance and upgrade credit have the same kind. */
function grantName({
  kind,
  sourceKey,
  amountMicros,
}: Pick<Grant, "kind" | "sourceKey" | "amountMicros">): string {
  if (kind !== "allowance") return kindNames[kind];
  if (sourceKey.startsWith("upgrade:")) return "Added by your upgrade";
  const plan = planList.find(({ allowanceMicros }) => allowanceMicros === amountMicros);
  return plan === undefined ? kindNames.allowance : `Allowance of ${plan.name}`;
}
