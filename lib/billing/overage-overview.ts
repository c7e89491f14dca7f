import type { Tx } from "#db/client.ts";
import type { Entitlements } from "#lib/billing/entitlements.ts";
import { readOverageSettings } from "#lib/billing/overage.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";

/** How a workspace stands with use beyond its credit (M16), as screens and letters say it. */
export type OverageView = {
  /** Whether a plan allows it now, and where not, what is in the way. */
  access: "open" | "free" | "trial" | "grace";
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
  return {
    access: source === "subscription" ? "open" : source,
    // A plan that was taken anew begins without it, whatever was chosen for the one before.
    enabled: enabled && isOpen,
    capMicros,
    period: window === null ? null : { usedMicros: window.usedMicros, endsAt: window.endsAt },
  };
}
