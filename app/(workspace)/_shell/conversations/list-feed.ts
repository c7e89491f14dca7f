import type { FeedEvent } from "#lib/chat/conversations/feed/read-feed.ts";

/** Without any event for this long the connection is dead; the server sends one every 15 seconds. */
const silenceMs = 45_000;
/** A tab that hears nothing from the browser's leader opens a feed of its own. */
const leaderAnswerMs = 2_000;
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;

type Item = { id: number; event: FeedEvent };
/** Tabs say where they are; the tab with the feed answers and passes events on. */
type ChannelMessage = { type: "hello"; cursor: number } | { type: "here" } | { type: "item"; item: Item };

/**
 * Follows the changes of the user's conversation list. Of the tabs of a browser one, the holder of a lock,
 * reads the feed and passes it on to the others, so that the feed takes one of the six connections that a
 * browser opens to a server. Without locks (no TLS) each tab reads for itself.
 * @param cursor the position of the list as the server rendered it
 * @returns closes the feed
 */
export function openListFeed(
  userId: string,
  cursor: number,
  onEvent: (event: FeedEvent) => void,
): () => void {
  const name = `parley-list-${userId}`;
  const channel = new BroadcastChannel(name);
  const closing = new AbortController();
  let position = cursor;
  let feed: Feed | null = null;
  let leaderTimer: ReturnType<typeof setTimeout> | undefined;

  const receive = (item: Item) => {
    position = Math.max(position, item.id);
    onEvent(item.event);
  };
  const post = (message: ChannelMessage) => channel.postMessage(message);
  const lead = () => {
    if (closing.signal.aborted || feed !== null) return;
    feed = openFeed(
      () => position,
      (item) => {
        receive(item);
        post({ type: "item", item });
      },
    );
  };
  const greet = () => {
    if (feed !== null || closing.signal.aborted) return;
    post({ type: "hello", cursor: position });
    clearTimeout(leaderTimer);
    leaderTimer = setTimeout(lead, leaderAnswerMs);
  };
  channel.onmessage = ({ data }) => {
    const message = data as ChannelMessage; // Only this module posts to the channel.
    if (message.type === "item") receive(message.item);
    if (message.type === "here") clearTimeout(leaderTimer);
    if (message.type !== "hello" || feed === null) return;
    post({ type: "here" });
    // Events that the new tab needs may have been passed on before it listened.
    if (message.cursor > position) return;
    position = message.cursor;
    feed.restart();
  };
  const onVisible = () => {
    if (document.visibilityState !== "visible") return;
    if (feed === null) greet();
    else feed.check();
  };
  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("online", onVisible);
  if (navigator.locks === undefined) lead();
  else {
    greet();
    navigator.locks
      .request(name, { signal: closing.signal }, () => {
        lead();
        return new Promise<void>((resolve) => closing.signal.addEventListener("abort", () => resolve()));
      })
      .catch(() => {});
  }
  return () => {
    closing.abort();
    clearTimeout(leaderTimer);
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("online", onVisible);
    feed?.close();
    channel.close();
  };
}

type Feed = {
  /** Connects again, at the current position. */
  restart(): void;
  /** Connects again if the connection is dead or about to be tried later. */
  check(): void;
  close(): void;
};

function openFeed(position: () => number, onItem: (item: Item) => void): Feed {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;
  let retryMs = firstRetryMs;
  let hasEnded = false;

  const retry = (afterMs: number) => {
    source?.close();
    clearTimeout(timer);
    if (!hasEnded) timer = setTimeout(connect, afterMs);
  };
  const watchSilence = () => {
    clearTimeout(timer);
    timer = setTimeout(() => retry(0), silenceMs);
  };
  const connect = () => {
    source?.close();
    source = new EventSource(`/api/chats/feed?after=${position()}`);
    watchSilence();
    source.onmessage = ({ data, lastEventId }) => {
      heardAt = Date.now();
      retryMs = firstRetryMs;
      watchSilence();
      const event = JSON.parse(data) as FeedEvent; // Our server's; its type is the server's own.
      if (event.type === "ended") {
        hasEnded = true;
        source?.close();
        clearTimeout(timer);
      }
      onItem({ id: Number(lastEventId), event });
    };
    source.onerror = () => {
      // The browser would repeat the first position, and not at all after a refusal.
      retry(retryMs);
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    };
  };
  connect();
  return {
    restart: () => retry(0),
    check: () => {
      if (Date.now() - heardAt > silenceMs || source?.readyState === EventSource.CLOSED) retry(0);
    },
    close: () => {
      hasEnded = true;
      source?.close();
      clearTimeout(timer);
    },
  };
}
