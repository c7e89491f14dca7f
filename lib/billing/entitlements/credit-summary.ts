import {
  type Entitlements,
  type FreeCreditTerms,
  freeAllowance,
  freeCreditDue,
} from "#lib/billing/entitlements/entitlements.ts";
import type { Balance } from "#lib/usage/balance.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

/** A workspace's credit as the screens show it. */
export type CreditSummary = {
  /**
   * The month's credit (in a trial the trial's, in a grace period the grace grant), less what was clawed
   * back.
   */
  amountMicros: number;
  remainingMicros: number;
  /** When the next month's credit comes; null while its payment is open. */
  renewsAt: Date | null;
  /** Top-ups and gifts, which stay when the month ends; null without any. */
  beside: { remainingMicros: number; expiresAt: Date } | null;
  /**
   * Free's allowance that the first use will grant (M9), included above; null if it was granted or does not
   * apply.
   */
  pendingFreeGrant: GrantInput | null;
  /** Everything that can be spent now, including overage. */
  availableMicros: number;
};

const monthlyKinds = new Set(["allowance", "trial", "grace"]);

/**
 * Splits a balance into the month's credit and the credit that stays. Free's allowance is granted at its
 * first use and counted before it (M9); after an upgrade from Free its month ends earlier than the plan's.
 * Pure.
 */
export function summarizeCredit(
  balance: Balance,
  entitlements: Pick<Entitlements, "plan" | "source">,
  workspaceCreatedAt: Date,
  at: Date,
  terms: Pick<FreeCreditTerms, "emailConfirmed" | "freeCreditFrom"> = {
    emailConfirmed: true,
    freeCreditFrom: null,
  },
): CreditSummary {
  const free = freeAllowance(workspaceCreatedAt, at);
  const due = freeCreditDue({ workspaceCreatedAt, ...terms }, at);
  const isGranted = balance.grants.some((grant) => grant.sourceKey === due?.sourceKey);
  const pendingFreeGrant =
    entitlements.plan === "free" && !isGranted && due !== null ? lessGiven(due, balance) : null;
  const dueMicros = pendingFreeGrant?.amountMicros ?? 0;
  const monthly = balance.grants.filter(({ kind }) => monthlyKinds.has(kind));
  const lasting = balance.grants.filter(
    ({ kind, remainingMicros }) => !monthlyKinds.has(kind) && remainingMicros > 0,
  );
  const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    amountMicros: sum(monthly.map((grant) => grant.amountMicros - grant.takenBackMicros)) + dueMicros,
    remainingMicros: sum(monthly.map((grant) => Math.max(0, grant.remainingMicros))) + dueMicros,
    renewsAt: renewalOf(monthly, entitlements, free.expiresAt),
    beside:
      lasting.length === 0
        ? null
        : {
            remainingMicros: sum(lasting.map((grant) => grant.remainingMicros)),
            expiresAt: earliestOf(lasting.map((grant) => grant.expiresAt)),
          },
    pendingFreeGrant,
    availableMicros: balance.availableMicros + dueMicros,
  };
}

/** Returns a due grant less the part that was given before (S5); null when nothing is left of it. */
function lessGiven(due: GrantInput, { grants }: Balance): GrantInput | null {
  const given = grants.find(({ sourceKey }) => sourceKey === due.lessSourceKey);
  const amountMicros = due.amountMicros - (given?.amountMicros ?? 0);
  return amountMicros > 0 ? { ...due, amountMicros } : null;
}

function renewalOf(
  monthly: Balance["grants"],
  { source }: Pick<Entitlements, "source">,
  freeRenewsAt: Date,
): Date | null {
  if (source === "grace") return null;
  // An earlier grant of Free does not determine when the plan's credit comes.
  const own = source === "free" ? monthly : monthly.filter(({ sourceKey }) => !sourceKey.startsWith("free:"));
  const ends = own.filter(({ kind }) => kind !== "grace").map(({ expiresAt }) => expiresAt.getTime());
  if (ends.length > 0) return new Date(Math.max(...ends));
  return source === "free" ? freeRenewsAt : null;
}

function earliestOf(moments: Date[]): Date {
  return new Date(Math.min(...moments.map((moment) => moment.getTime())));
}
