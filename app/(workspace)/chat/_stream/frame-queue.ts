/** Collects what arrives and hands it over once a frame, so that a quick answer does not draw the page for every token. */
export function createFrameQueue<T>(handOver: (items: T[]) => void): { add(item: T): void; flush(): void } {
  let items: T[] = [];
  let frame: number | undefined;
  const flush = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    if (items.length === 0) return;
    const taken = items;
    items = [];
    handOver(taken);
  };
  return {
    add(item) {
      items.push(item);
      // A page in the background has no frames; there is nobody to draw for, and the text must not wait.
      if (document.visibilityState !== "visible") return flush();
      frame ??= requestAnimationFrame(flush);
    },
    flush,
  };
}
