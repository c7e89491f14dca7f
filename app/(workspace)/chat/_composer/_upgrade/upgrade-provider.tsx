"use client";

import { type ReactNode, useCallback, useState } from "react";
import { useLoadedPart } from "#app/_ui/overlays/use-loaded-part.ts";
import {
  UpgradeContext,
  type UpgradeReason,
} from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";

const loadDialog = () => import("#app/(workspace)/chat/_composer/_upgrade/upgrade-dialog.tsx");

/** Shows the dialog with plans and top-ups above the chat, which it does not leave. */
export function UpgradeProvider({ children }: { children: ReactNode }) {
  const [reason, setReason] = useState<UpgradeReason | null>(null);
  const { part, open, close } = useLoadedPart(loadDialog);
  const openFor = useCallback(
    (next: UpgradeReason) => {
      setReason(next);
      open();
    },
    [open],
  );
  return (
    <UpgradeContext value={openFor}>
      {children}
      {part !== null && reason !== null && <part.UpgradeDialog reason={reason} onClose={close} />}
    </UpgradeContext>
  );
}
