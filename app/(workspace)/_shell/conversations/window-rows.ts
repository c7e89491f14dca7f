/** Rows that are rendered beyond the visible ones, so that scrolling shows no gap. */
const overscan = 12;
/** The rows that the server renders, which does not know the height of the screen. */
export const initialRows = 40;

/**
 * Returns the rows to render: those in view and some around them. `to` may be beyond the last row, so that
 * the window does not depend on how many rows there are and a new row is in it at once.
 * @param top the scroll position in rows
 * @param height the height of the view in rows
 */
export function windowOf(top: number, height: number, count: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(Math.floor(top) - overscan, count - 1));
  return { from, to: Math.ceil(top + height) + overscan };
}

/** The index that a key moves the focus to; null for another key. Headings are skipped. */
export function nextIndex(
  key: string,
  index: number,
  isStop: (index: number) => boolean,
  count: number,
  pageRows: number,
): number | null {
  const step = (from: number, by: 1 | -1): number | null => {
    for (let at = from; at >= 0 && at < count; at += by) if (isStop(at)) return at;
    return null;
  };
  switch (key) {
    case "ArrowDown":
      return step(index + 1, 1);
    case "ArrowUp":
      return step(index - 1, -1);
    case "Home":
      return step(0, 1);
    case "End":
      return step(count - 1, -1);
    case "PageDown":
      return step(Math.min(count - 1, index + pageRows), -1);
    case "PageUp":
      return step(Math.max(0, index - pageRows), 1);
    default:
      return null;
  }
}
