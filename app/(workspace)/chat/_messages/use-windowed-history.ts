import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";

/** The end of a conversation is there at once; so many messages fill any screen. */
const firstShown = 30;
/** So many are put in front of it at a time. */
const step = 30;

/**
 * How many of a long conversation's messages are left out in front. Its end comes first, and what was said before follows while
 * nothing else is to be done, until all of it is there (to be found, printed, read aloud). What is in sight stays where it is.
 * @param frame what scrolls; its first child is the list of messages
 */
export function useEarlier(count: number, frame: RefObject<HTMLElement | null>): number {
  const [left, setLeft] = useState(Math.max(0, count - firstShown));
  useEffect(() => {
    if (left === 0) return;
    return whenIdle(() => startTransition(() => setLeft((now) => Math.max(0, now - step))));
  }, [left]);

  // Another branch may be shorter than the one that was shown.
  const leftOut = Math.min(left, Math.max(0, count - firstShown));
  const shownFrom = useRef(leftOut);
  useLayoutEffect(() => {
    const added = shownFrom.current - leftOut;
    shownFrom.current = leftOut;
    const list = frame.current?.firstElementChild;
    const before = list?.children[added];
    const first = list?.children[0];
    if (added <= 0 || !(before instanceof HTMLElement) || !(first instanceof HTMLElement)) return;
    // Browsers keep what is in sight where it is by themselves, but not at the very top, and Safari not at all.
    if (frame.current === null || (keepsPlace() && frame.current.scrollTop > 0)) return;
    frame.current.scrollTop += before.offsetTop - first.offsetTop;
  }, [leftOut, frame]);
  return leftOut;
}

function keepsPlace(): boolean {
  return CSS.supports("overflow-anchor", "auto");
}

/** @returns how to call it off */
function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(work, 50);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 1_000 });
  return () => cancelIdleCallback(handle);
}
