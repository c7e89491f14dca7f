import { useEffect, useRef, useState } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import type { Selection } from "#app/(workspace)/_shell/conversations/conversation-row.tsx";

/**
 * The selection of several conversations. Shift selects all from the last one; Escape ends it.
 * @param shown the ids of the shown conversations in their order
 */
export function useSelection(shown: readonly string[]) {
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  const last = useRef<string | null>(null);
  const latest = useRef(shown);
  latest.current = shown;
  const isActive = ids !== null;
  useEffect(() => {
    if (!isActive) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || isComposing(event) || event.defaultPrevented) return;
      if (document.querySelector("[role=alertdialog],[role=menu]") === null) setIds(null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isActive]);
  const start = (id: string) => {
    last.current = id;
    setIds(new Set([id]));
  };
  const toggle = (id: string, isRange: boolean) => {
    const order = latest.current;
    const [from, to] = [order.indexOf(last.current ?? id), order.indexOf(id)].sort((a, b) => a - b);
    last.current = id;
    setIds((all) => {
      const next = new Set(all);
      if (isRange && from !== undefined && from >= 0 && to !== undefined)
        for (const one of order.slice(from, to + 1)) next.add(one);
      else if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const selection: Selection | null = ids === null ? null : { ids, toggle };
  return {
    selection,
    start,
    selectAll: () => setIds(new Set(latest.current.slice(0, maxSelected))),
    end: () => setIds(null),
  };
}

/** As many as one request changes. */
const maxSelected = 1_000;
