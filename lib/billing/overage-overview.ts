import { and, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import type { Entitlements } from "#lib/billing/entitlements.ts";
import { readOverageSettings } from "#lib/billing/overage.ts";
import { overagePrices } from "#lib/billing/overage-prices.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";

/** How a workspace stands with use beyond its credit (M16), as screens and letters say it. */
export type OverageView = {
  /** Whether a plan allows it now, and where not, what is in the way; "renewing" while it waits for the new period's payment. */
  access: "open" | "renewing" | "free" | "trial" | "grace";
  enabled: boolean;
  capMicros: number;
  /** What was used in the present period, and when that is billed; null where none is open. */
  period: { usedMicros: number; endsAt: Date } | null;
};

/** @param entitlements of the same moment */
export async function readOverage(
  tx: Tx,
  workspaceId: string,
  { source }: Pick<Entitlements, "source">,
  at: Date,
): Promise<OverageView> {
  const [{ enabled, capMicros }, window] = await Promise.all([
    readOverageSettings(tx, workspaceId),
    readOverageWindow(tx, workspaceId, at),
  ]);
  const isOpen = window !== null && window.capMicros > 0;
  const isRenewing = source === "subscription" && enabled && !isOpen && (await isBilled(tx, workspaceId));
  return {
    access: isRenewing ? "renewing" : source === "subscription" ? "open" : source,
    // A plan that was taken anew begins without it, whatever was chosen for the one before.
    enabled: enabled && isOpen,
    capMicros,
    period: window === null ? null : { usedMicros: window.usedMicros, endsAt: window.endsAt },
  };
}

/** Whether use is billed beside a plan that runs. */
async function isBilled(tx: Tx, workspaceId: string): Promise<boolean> {
  const [item] = await tx
    .select({ id: subscriptionItems.id })
    .from(subscriptionItems)
    .innerJoin(subscriptions, eq(subscriptions.id, subscriptionItems.subscriptionId))
    .where(
      and(
        eq(subscriptions.workspaceId, workspaceId),
        eq(subscriptions.status, "active"),
        inArray(subscriptionItems.lookupKey, Object.values(overagePrices)),
      ),
    )
    .limit(1);
  return item !== undefined;
}
