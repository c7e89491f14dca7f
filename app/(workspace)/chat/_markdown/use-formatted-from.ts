import { startTransition, useEffect, useState } from "react";
import { whenIdle } from "#app/(workspace)/chat/_screen/when-idle.ts";

/** The number of sections that are formatted in the first render, and that each idle period adds. */
const step = 2;

/**
 * Formats the last sections of a long answer first, and those before while the browser is idle: React renders
 * all that is older than five seconds in one piece, which would block a slow phone for as long. Sections that
 * are added later, while the answer streams, are formatted at once. The server formats everything.
 * @param count the number of sections
 * @returns the index of the first formatted section
 */
export function useFormattedFrom(count: number): number {
  const [from, setFrom] = useState(typeof window === "undefined" ? 0 : Math.max(0, count - step));
  useEffect(() => {
    if (from === 0) return;
    return whenIdle(() => startTransition(() => setFrom((current) => Math.max(0, current - step))));
  }, [from]);
  return from;
}
