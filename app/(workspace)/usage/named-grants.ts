import type { Messages } from "#app/_messages/catalogs.ts";
import { planList } from "#lib/billing/catalog/plans.ts";
import type { Balance } from "#lib/usage/balance.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

type Grant = Balance["grants"][number];

/** A grant on the usage page. */
export type NamedGrant = {
  key: string;
  /** The key of its name in the messages of the page. */
  name: keyof Messages["usage"]["grants"];
  /** The plan of an allowance, else empty. */
  planName: string;
  kind: Grant["kind"];
  leftMicros: number;
  /** The granted amount without what was clawed back. */
  amountMicros: number;
  expiresAt: Date;
};

const kindNames: Record<Grant["kind"], NamedGrant["name"]> = {
  allowance: "allowance",
  trial: "trial",
  grace: "grace",
  top_up: "topUp",
  manual: "manual",
  restored: "restored",
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
      ...grantName(grant),
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
}: Pick<Grant, "kind" | "sourceKey" | "amountMicros">): Pick<NamedGrant, "name" | "planName"> {
  if (kind !== "allowance") return { name: kindNames[kind], planName: "" };
  if (sourceKey.startsWith("upgrade:")) return { name: "upgrade", planName: "" };
  const plan = planList.find(({ allowanceMicros }) => allowanceMicros === amountMicros);
  return plan === undefined
    ? { name: "allowance", planName: "" }
    : { name: "planAllowance", planName: plan.name };
}
