import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";
import { loadRenderer } from "#app/(workspace)/chat/_markdown/renderer.ts";
import { whenIdle } from "#app/(workspace)/chat/_screen/when-idle.ts";

/** The number of messages in the first render; they fill any screen. */
const initialCount = 30;
/** The number of messages before one that must be rendered. */
const contextCount = 4;
/** The number of earlier messages that each idle period adds. */
const step = 30;

/**
 * Renders the end of a long conversation first and adds earlier messages while the browser is idle, until all
 * are there (for search, print and screen readers). The scroll position stays the same.
 * @param frame the scrolling element; its first child is the list of messages
 * @param place a message that must be rendered at once, -1 for none
 * @returns how many messages at the start are not rendered yet
 */
export function useWindowedHistory(
  count: number,
  frame: RefObject<HTMLElement | null>,
  place: number,
): number {
  const [remaining, setRemaining] = useState(Math.max(0, count - initialCount));
  const [canRender, setCanRender] = useState(false);
  useEffect(() => {
    if (canRender || remaining === 0) return;
    // Earlier messages would be plain text before, and change their height when the renderer has been loaded.
    const proceed = () => setCanRender(true);
    loadRenderer().then(proceed, proceed);
  }, [canRender, remaining]);
  useEffect(() => {
    if (remaining === 0 || !canRender) return;
    return whenIdle(() => startTransition(() => setRemaining((current) => Math.max(0, current - step))));
  }, [remaining, canRender]);

  // Another branch may be shorter.
  const latest = Math.max(0, count - initialCount);
  const hiddenCount = Math.min(remaining, latest, place === -1 ? latest : Math.max(0, place - contextCount));
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
