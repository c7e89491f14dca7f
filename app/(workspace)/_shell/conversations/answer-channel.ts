/** What one tab tells the others of this browser: an answer has begun. */
export type Announcement = { conversationId: string; generationId: string; title: string };

/** Without an announcement it is the question which answers are being written. */
type Said = { from: string; announcement: Announcement | null };

const channelName = "parley-answers";
/** Told apart from the other tabs, so that it does not hear itself. */
const thisTab = Math.random().toString(36).slice(2);

/** Tells the other tabs that an answer has begun, so that they show it too. */
export function announceAnswer(announcement: Announcement): void {
  say(announcement);
}

/**
 * Hears what other tabs announce, until the returned function is called. Asks them first: what began after this page was
 * made and before it could hear would be missed.
 * @param following the answer that this tab follows, for tabs that ask
 */
export function hearAnswers(
  onAnswer: (announcement: Announcement) => void,
  following: () => Announcement | null = () => null,
): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = (message) => {
    const { from, announcement } = message.data as Said; // Only this same page posts here, so its shape is known.
    if (from === thisTab) return;
    if (announcement !== null) return onAnswer(announcement);
    const mine = following();
    if (mine !== null) say(mine);
  };
  say(null);
  return () => channel.close();
}

function say(announcement: Announcement | null): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage({ from: thisTab, announcement } satisfies Said);
  channel.close();
}
