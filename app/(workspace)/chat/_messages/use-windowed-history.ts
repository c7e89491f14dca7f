import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";

/** The number of messages in the first render; they fill any screen. */
const initialCount = 30;
/** The number of earlier messages that each idle period adds. */
const step = 30;

/**
 * Renders the end of a long conversation first and adds earlier messages while the browser is idle, until all
 * are there (for search, print and screen readers). The scroll position stays the same.
 * @param frame the scrolling element; its first child is the list of messages
 * @returns how many messages at the start are not rendered yet
 */
export function useWindowedHistory(count: number, frame: RefObject<HTMLElement | null>): number {
  const [remaining, setRemaining] = useState(Math.max(0, count - initialCount));
  useEffect(() => {
    if (remaining === 0) return;
    return whenIdle(() => startTransition(() => setRemaining((current) => Math.max(0, current - step))));
  }, [remaining]);

  // Another branch may be shorter.
  const hiddenCount = Math.min(remaining, Math.max(0, count - initialCount));
  const renderedFrom = useRef(hiddenCount);
  useLayoutEffect(() => {
    const added = renderedFrom.current - hiddenCount;
    renderedFrom.current = hiddenCount;
    const list = frame.current?.firstElementChild;
    const before = list?.children[added];
    const first = list?.children[0];
    if (added <= 0 || !(before instanceof HTMLElement) || !(first instanceof HTMLElement)) return;
    // Scroll anchoring does this in most browsers, but not at the top, and not in Safari.
    if (frame.current === null || (hasScrollAnchoring() && frame.current.scrollTop > 0)) return;
    frame.current.scrollTop += before.offsetTop - first.offsetTop;
  }, [hiddenCount, frame]);
  return hiddenCount;
}

function hasScrollAnchoring(): boolean {
  return CSS.supports("overflow-anchor", "auto");
}

/** Runs work when the browser is idle. Returns a function that cancels it. */
function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(work, 50);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 1_000 });
  return () => cancelIdleCallback(handle);
}
