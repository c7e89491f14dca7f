/**
 * Collects items and passes them on once per frame, so that a fast answer does not rerender for every token.
 */
export function createFrameQueue<T>(onFlush: (items: T[]) => void): { add(item: T): void; flush(): void } {
  let items: T[] = [];
  let frame: number | undefined;
  const flush = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    if (items.length === 0) return;
    const flushed = items;
    items = [];
    onFlush(flushed);
  };
  return {
    add(item) {
      items.push(item);
      // A hidden page gets no animation frames.
      if (document.visibilityState !== "visible") return flush();
      frame ??= requestAnimationFrame(flush);
    },
    flush,
  };
}
