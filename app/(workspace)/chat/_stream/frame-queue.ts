/** At most 12 renders a second: more cost battery, and a reader sees no difference. */
const shortestIntervalMs = 80;
const longestIntervalMs = 500;
/** Rendering takes at most about a tenth of the time, also on a slow phone. */
const idleShare = 10;

/**
 * Collects items and passes them on a few times per second, before a frame is painted. The first item of a
 * burst is passed on with the next frame. The interval grows with the time that a render takes.
 */
export function createFrameQueue<T>(onFlush: (items: T[]) => void): { add(item: T): void; flush(): void } {
  let items: T[] = [];
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let intervalMs = shortestIntervalMs;
  const flush = () => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = timer = undefined;
    if (items.length === 0) return;
    const flushed = items;
    items = [];
    flushedAt = performance.now();
    onFlush(flushed);
    // React renders in a microtask that it queued while the items were passed on.
    queueMicrotask(() => {
      intervalMs = nextInterval(performance.now() - flushedAt);
    });
  };
  const flushWithFrame = () => {
    // A hidden page gets no animation frames.
    if (document.visibilityState === "visible") frame = requestAnimationFrame(flush);
    else flush();
  };
  return {
    add(item) {
      items.push(item);
      if (frame !== undefined || timer !== undefined) return;
      const waitMs = flushedAt + intervalMs - performance.now();
      if (waitMs <= 0) flushWithFrame();
      else timer = setTimeout(flushWithFrame, waitMs);
    },
    flush,
  };
}

function nextInterval(renderMs: number): number {
  return Math.min(longestIntervalMs, Math.max(shortestIntervalMs, renderMs * idleShare));
}
