/** What one tab tells the others of this browser: an answer has begun. */
export type Announcement = { conversationId: string; generationId: string; title: string };

const channelName = "parley-answers";

/** Tells the other tabs that an answer has begun, so that they show it too. */
export function announceAnswer(announcement: Announcement): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(announcement);
  channel.close();
}

/** Hears what other tabs announce, until the returned function is called. */
export function hearAnswers(onAnswer: (announcement: Announcement) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  // Only this same page posts here, so its shape is known.
  channel.onmessage = (message) => onAnswer(message.data as Announcement);
  return () => channel.close();
}
