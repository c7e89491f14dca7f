import type { StreamEvent } from "#lib/chat/stream-events.ts";

/** An answer that is being written; `length` is how much of its text is known, in UTF-16 units. */
export type WatchedAnswer = { conversationId: string; generationId: string; length: number };

type Reports = {
  onEvent: (conversationId: string, event: StreamEvent) => void;
  /** The answer has ended, or there is nothing to be heard of it any more. */
  onEnd: (conversationId: string) => void;
};

export type AnswerWatch = {
  /** Follows an answer to its end while its conversation is not on the screen. */
  watch(answer: WatchedAnswer): void;
  /** The conversation is on the screen, which follows it itself, until the returned function is called. */
  attend(conversationId: string): () => void;
};

/** Browsers open six connections to a host without HTTP/2; most must stay free for the pages themselves. */
const mostAtOnce = 2;

/** Follows answers that nobody is looking at, so that the list knows when they are done. */
export function createAnswerWatch(reports: Reports): AnswerWatch {
  const wanted = new Map<string, WatchedAnswer>();
  const followed = new Map<string, AbortController>();
  const attended = new Set<string>();

  const follow = async (answer: WatchedAnswer) => {
    const { conversationId, generationId } = answer;
    const controller = new AbortController();
    followed.set(conversationId, controller);
    // Few pages ever need it, so it is not part of what they load first.
    const { followAnswer } = await import("#app/(workspace)/chat/_stream/follow-answer.ts");
    await followAnswer({
      generationId,
      length: () => answer.length,
      onEvent: (id, event) => {
        answer.length = Math.max(answer.length, id);
        reports.onEvent(conversationId, event);
      },
      onConnection: () => {},
      onLost: () => {},
      signal: controller.signal,
    }).catch(() => {});
    followed.delete(conversationId);
    if (!controller.signal.aborted) {
      if (wanted.get(conversationId) === answer) wanted.delete(conversationId);
      reports.onEnd(conversationId);
    }
    pump();
  };

  const pump = () => {
    for (const answer of wanted.values()) {
      if (followed.size >= mostAtOnce) return;
      if (!attended.has(answer.conversationId) && !followed.has(answer.conversationId)) void follow(answer);
    }
  };

  return {
    watch(answer) {
      if (attended.has(answer.conversationId)) return;
      wanted.set(answer.conversationId, answer);
      pump();
    },
    attend(conversationId) {
      attended.add(conversationId);
      wanted.delete(conversationId);
      followed.get(conversationId)?.abort();
      return () => attended.delete(conversationId);
    },
  };
}
