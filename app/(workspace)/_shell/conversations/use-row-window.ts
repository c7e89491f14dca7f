import { type RefObject, useCallback, useEffect, useState } from "react";
import { initialRows, windowOf } from "#app/(workspace)/_shell/conversations/window-rows.ts";

type RowWindow = {
  from: number;
  to: number;
  /** Scrolls a row into view if it is not. */
  show: (index: number) => void;
  /** How many rows fit into the view. */
  pageRows: () => number;
};

/** Follows the scroll position of a list of rows with equal heights, the CSS variable `--row`. */
export function useRowWindow(frame: RefObject<HTMLElement | null>, count: number): RowWindow {
  const [range, setRange] = useState({ from: 0, to: initialRows });
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const update = () => {
      const row = rowHeight(element);
      const next = windowOf(element.scrollTop / row, element.clientHeight / row, count);
      // Rendered in steps, so that most scroll events cause no rerender.
      setRange((last) =>
        Math.abs(next.from - last.from) < 4 && Math.abs(next.to - last.to) < 4 ? last : next,
      );
    };
    update();
    element.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", update);
      observer.disconnect();
    };
  }, [frame, count]);
  const show = useCallback(
    (index: number) => {
      const element = frame.current;
      if (element === null) return;
      const row = rowHeight(element);
      const top = index * row;
      if (top < element.scrollTop) element.scrollTop = Math.max(0, top - row);
      else if (top + row > element.scrollTop + element.clientHeight)
        element.scrollTop = top + 2 * row - element.clientHeight;
    },
    [frame],
  );
  const pageRows = useCallback(() => {
    const element = frame.current;
    return element === null ? 10 : Math.max(1, Math.floor(element.clientHeight / rowHeight(element)) - 1);
  }, [frame]);
  return { from: range.from, to: Math.min(range.to, count), show, pageRows };
}

/** Rows are 36 pixels high, for fingers 44. */
function rowHeight(element: HTMLElement): number {
  return Number.parseFloat(getComputedStyle(element).getPropertyValue("--row")) || 36;
}
