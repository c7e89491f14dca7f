import { readCursor } from "#lib/chat/conversations/conversation-list.ts";
import { type ListChanges, readChanges } from "#lib/chat/conversations/feed/read-changes.ts";
import { createWaiter } from "#lib/chat/generation/readers/waiter.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";

/**
 * An event of the feed. "alive" comes at least every 15 seconds, so that a reader notices a dead connection;
 * "reload" asks for the whole list; after "ended" the session is over.
 */
export type FeedEvent =
  | ({ type: "changes" } & ListChanges)
  | { type: "reload" }
  | { type: "alive" }
  | { type: "ended" };

/** An event with the position after it, from which a reader continues. */
export type FeedItem = { id: number; event: FeedEvent };

/**
 * Yields the changes of a user's conversation list from a position on, on whichever instance they are made,
 * until the signal is aborted. A notification wakes it; it polls only while PostgreSQL's LISTEN fails.
 * @param cursor the position of what the reader has; null starts now
 * @param signal ends the reading: the reader has left, or the session has ended
 */
export async function* readFeed(
  { workspaceId, userId }: { workspaceId: string; userId: string },
  cursor: number | null,
  signal: AbortSignal,
  runtime: ChatRuntime = chatRuntime(),
): AsyncGenerator<FeedItem, void, undefined> {
  const waiter = createWaiter(signal, runtime.timings.readerHeartbeatMs);
  let hasChanged = true;
  let wake: (() => void) | undefined;
  const unsubscribe = runtime.wake.on("list", userId, () => {
    hasChanged = true;
    wake?.();
  });
  try {
    await runtime.wake.listening();
    let position = cursor ?? (await readCursor(runtime.db()));
    // Tells the reader that it is connected, and where.
    yield { id: position, event: { type: "alive" } };
    while (!signal.aborted) {
      if (hasChanged) {
        hasChanged = false;
        const next = await readChanges(runtime.db(), workspaceId, userId, position, now());
        position = next.cursor;
        if (next.changes === "reload") yield { id: position, event: { type: "reload" } };
        else if (next.changes !== null) yield { id: position, event: { type: "changes", ...next.changes } };
        continue;
      }
      const result = await waiter.wait((notify) => {
        if (hasChanged) queueMicrotask(notify);
        else wake = notify;
        return () => {
          wake = undefined;
        };
      });
      if (result === "change") continue;
      hasChanged = !(await runtime.wake.listening());
      yield { id: position, event: { type: "alive" } };
    }
    // A reader that has left does not see it.
    yield { id: position, event: { type: "ended" } };
  } finally {
    waiter.stop();
    unsubscribe();
  }
}
