import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

/** A running answer. `length` is the length of thinking and text received so far, in UTF-16 units. */
export type WatchedAnswer = { conversationId: string; generationId: string; length: number };

type Callbacks = {
  onEvent: (conversationId: string, event: StreamEvent) => void;
  /** The answer has ended or cannot be read any more. */
  onEnd: (conversationId: string) => void;
};

export type AnswerWatcher = {
  /** Follows an answer to its end while its conversation is not visible. */
  watch(answer: WatchedAnswer): void;
  /**
   * Stops following the answers of a conversation that is visible. Returns a function that marks it hidden.
   */
  markVisible(conversationId: string): () => void;
};

/** Browsers open six connections to a host without HTTP/2. The other four stay free for the page. */
const maxConcurrentStreams = 2;

/** Follows answers of hidden conversations, so that the conversation list shows when they end. */
export function createAnswerWatcher(callbacks: Callbacks): AnswerWatcher {
  const pending = new Map<string, WatchedAnswer>();
  const active = new Map<string, AbortController>();
  const visible = new Set<string>();

  const follow = async (answer: WatchedAnswer) => {
    const { conversationId, generationId } = answer;
    const controller = new AbortController();
    active.set(conversationId, controller);
    // Loaded on demand: most visits never need it.
    const { followAnswer } = await import("#app/(workspace)/chat/_stream/follow-answer.ts");
    await followAnswer({
      generationId,
      length: () => answer.length,
      onEvent: (id, event) => {
        answer.length = Math.max(answer.length, id);
        callbacks.onEvent(conversationId, event);
      },
      onConnection: () => {},
      onLost: () => {},
      signal: controller.signal,
    }).catch(() => {});
    active.delete(conversationId);
    if (!controller.signal.aborted) {
      if (pending.get(conversationId) === answer) pending.delete(conversationId);
      callbacks.onEnd(conversationId);
    }
    startNext();
  };

  const startNext = () => {
    for (const answer of pending.values()) {
      if (active.size >= maxConcurrentStreams) return;
      if (!visible.has(answer.conversationId) && !active.has(answer.conversationId)) void follow(answer);
    }
  };

  return {
    watch(answer) {
      if (visible.has(answer.conversationId)) return;
      pending.set(answer.conversationId, answer);
      startNext();
    },
    markVisible(conversationId) {
      visible.add(conversationId);
      pending.delete(conversationId);
      active.get(conversationId)?.abort();
      return () => visible.delete(conversationId);
    },
  };
}
