import { useEffect } from "react";
import { useUpgrade } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";

/** Opens the dialog with plans when a message was refused for lack of credit, or for its model's plan. */
export function useUpgradeOnRefusal(problem: Problem | null, model: PickerModel | undefined): void {
  const openUpgrade = useUpgrade();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per refusal, whatever model is chosen next
  useEffect(() => {
    if (problem?.code === "insufficient_credit") openUpgrade({ kind: "credit" });
    if (problem?.code === "plan_required" && model !== undefined) openUpgrade({ kind: "model", model });
  }, [problem]);
}
