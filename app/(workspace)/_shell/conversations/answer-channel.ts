/** A tab's message to the other tabs of this browser: an answer has started. */
export type Announcement = { conversationId: string; generationId: string; title: string };

/** `announcement: null` asks the other tabs to announce their running answers. */
type ChannelMessage = { from: string; announcement: Announcement | null };

const channelName = "parley-answers";
/** Filters out this tab's own messages. */
const thisTab = Math.random().toString(36).slice(2);

/** Tells the other tabs that an answer has started, so that they show it too. */
export function announceAnswer(announcement: Announcement): void {
  post(announcement);
}

/**
 * Subscribes to announcements of other tabs. First asks them for their running answers, because answers may
 * have started between the page's rendering and the subscription.
 * @param runningAnswer returns the answer that this tab follows, for tabs that ask
 * @returns unsubscribes
 */
export function subscribeToAnswers(
  onAnswer: (announcement: Announcement) => void,
  runningAnswer: () => Announcement | null = () => null,
): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = (message) => {
    const { from, announcement } = message.data as ChannelMessage; // Only this module posts to the channel.
    if (from === thisTab) return;
    if (announcement !== null) return onAnswer(announcement);
    const own = runningAnswer();
    if (own !== null) post(own);
  };
  post(null);
  return () => channel.close();
}

function post(announcement: Announcement | null): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage({ from: thisTab, announcement } satisfies ChannelMessage);
  channel.close();
}
