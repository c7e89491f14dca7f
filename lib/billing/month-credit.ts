import { type Entitlements, freeAllowance } from "#lib/billing/entitlements.ts";
import type { Balance } from "#lib/usage/balance.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

/** A workspace's credit as a person looks at it. */
export type MonthCredit = {
  /** What came with this month (in a trial with the trial, in a grace to bridge it), less what was taken back of it. */
  amountMicros: number;
  remainingMicros: number;
  /** When the month's credit comes anew; null while its payment is on its way or owed. */
  renewsAt: Date | null;
  /** What was bought, or given by hand, and stays when the month ends; null where there is none. */
  beside: { remainingMicros: number; expiresAt: Date } | null;
  /** Free's allowance where its first use will grant it, counted above (M9); null where it was granted or is none. */
  freeDue: GrantInput | null;
  /** All that can be spent now, what may be used beyond credit included. */
  availableMicros: number;
};

const ofMonth = new Set(["allowance", "trial", "grace"]);

/**
 * Tells a balance apart into what belongs to the month and what stays. Free's allowance is granted at its first use, so until
 * then it is counted as what it will be (M9); after an upgrade from Free its own month ends earlier than the plan's. Pure.
 */
export function monthCreditOf(
  balance: Balance,
  entitlements: Pick<Entitlements, "plan" | "source">,
  workspaceCreatedAt: Date,
  at: Date,
): MonthCredit {
  const free = freeAllowance(workspaceCreatedAt, at);
  const isGranted = balance.grants.some((grant) => grant.sourceKey === free.sourceKey);
  const freeDue = entitlements.plan === "free" && !isGranted ? free : null;
  const dueMicros = freeDue?.amountMicros ?? 0;
  const running = balance.grants.filter(({ kind }) => ofMonth.has(kind));
  const kept = balance.grants.filter(
    ({ kind, remainingMicros }) => !ofMonth.has(kind) && remainingMicros > 0,
  );
  const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    amountMicros: sum(running.map((grant) => grant.amountMicros - grant.takenBackMicros)) + dueMicros,
    remainingMicros: sum(running.map((grant) => Math.max(0, grant.remainingMicros))) + dueMicros,
    renewsAt: renewalOf(running, entitlements, free.expiresAt),
    beside:
      kept.length === 0
        ? null
        : {
            remainingMicros: sum(kept.map((grant) => grant.remainingMicros)),
            expiresAt: earliestOf(kept.map((grant) => grant.expiresAt)),
          },
    freeDue,
    availableMicros: balance.availableMicros + dueMicros,
  };
}

function renewalOf(
  running: Balance["grants"],
  { source }: Pick<Entitlements, "source">,
  freeRenewsAt: Date,
): Date | null {
  if (source === "grace") return null;
  // What Free gave earlier in a month says nothing about when the plan's credit comes.
  const own = source === "free" ? running : running.filter(({ sourceKey }) => !sourceKey.startsWith("free:"));
  const ends = own.filter(({ kind }) => kind !== "grace").map(({ expiresAt }) => expiresAt.getTime());
  if (ends.length > 0) return new Date(Math.max(...ends));
  return source === "free" ? freeRenewsAt : null;
}

function earliestOf(moments: Date[]): Date {
  return new Date(Math.min(...moments.map((moment) => moment.getTime())));
}
