import { and, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { readOverageSettings } from "#lib/billing/credit/overage-window.ts";
import type { Entitlements } from "#lib/billing/entitlements/entitlements.ts";
import { type OverageWindow, readOverageWindow } from "#lib/usage/overage.ts";

/** A workspace's overage, as screens and emails show it (M16). */
export type OverageStatus = {
  /**
   * "open" if the plan allows overage now, otherwise the obstacle; "renewing" until the new period is paid.
   */
  access: "open" | "renewing" | "free" | "trial" | "grace";
  enabled: boolean;
  capMicros: number;
  /** The current period's usage and when it is billed; null without an open window. */
  period: { usedMicros: number; endsAt: Date } | null;
};

/**
 * Reads a workspace's overage status.
 * @param entitlements those of the same moment
 * @param loadedWindow the window at that moment if it was read before; undefined reads it
 */
export async function readOverageStatus(
  tx: Tx,
  workspaceId: string,
  { source }: Pick<Entitlements, "source">,
  at: Date,
  loadedWindow?: OverageWindow | null,
): Promise<OverageStatus> {
  const [{ enabled, capMicros }, window] = await Promise.all([
    readOverageSettings(tx, workspaceId),
    loadedWindow === undefined ? readOverageWindow(tx, workspaceId, at) : loadedWindow,
  ]);
  const isOpen = window !== null && window.capMicros > 0;
  const isRenewing =
    source === "subscription" && enabled && !isOpen && (await hasOverageItem(tx, workspaceId));
  return {
    access: isRenewing ? "renewing" : source === "subscription" ? "open" : source,
    // A new subscription starts without overage, whatever was set for the previous one.
    enabled: enabled && isOpen,
    capMicros,
    period: window === null ? null : { usedMicros: window.usedMicros, endsAt: window.endsAt },
  };
}

/** Whether an active subscription has an overage item. */
async function hasOverageItem(tx: Tx, workspaceId: string): Promise<boolean> {
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
