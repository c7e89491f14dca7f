import { type RefObject, useCallback, useEffect, useRef } from "react";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { type Problem, receivedLength } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { ChatStore } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { followAnswer } from "#app/(workspace)/chat/_stream/follow-answer.ts";
import { createFrameQueue } from "#app/(workspace)/chat/_stream/frame-queue.ts";
import { requestStop } from "#app/(workspace)/chat/_stream/request-stop.ts";
import { readConversationAction } from "#app/(workspace)/chat/actions.ts";
import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

type Follow = (generationId: string, answerId: string, first?: Response) => void;

/**
 * Streams the conversation's running answers while the conversation is visible, and marks it as read. Reloads
 * the conversation when the tab becomes visible or another tab or device starts an answer. A temporary chat
 * exists in this tab alone: it is not reloaded, and its answer stops when the tab leaves it.
 */
export function useAnswerStream({ read, dispatch }: ChatStore, temporary: RefObject<boolean>): Follow {
  const conversations = useConversationActions();
  const { conversationId } = read();
  const visible = useRef(new AbortController());

  const follow = useCallback<Follow>(
    async (generationId, answerId, first) => {
      const { signal } = visible.current;
      const answer = read().messages.find((message) => message.id === answerId);
      let length = answer === undefined ? 0 : receivedLength(answer);
      const queue = createFrameQueue<{ id: number; event: StreamEvent }>((items) => {
        dispatch(...items.map(({ id, event }) => ({ type: "event" as const, generationId, id, event })));
      });
      conversations.change([conversationId], { running: generationId });
      const options = {
        generationId,
        length: () => length,
        onEvent: (id: number, event: StreamEvent) => {
          if (event.type === "text" || event.type === "reasoning") length = Math.max(length, id);
          if (event.type === "title") conversations.change([conversationId], { title: event.title });
          queue.add({ id, event });
          if (event.type !== "end") return;
          queue.flush();
          if (event.availableMicros !== null) conversations.setAvailable(event.availableMicros);
        },
        onWaiting: (waiting: boolean) => dispatch({ type: "connection", generationId, waiting }),
        onLost: (problem: Problem) => dispatch({ type: "streamLost", generationId, problem }),
        signal,
      };
      await followAnswer(options, first);
      if (!signal.aborted) {
        const others = read().running.filter((one) => one.generationId !== generationId);
        return conversations.change([conversationId], { running: others.at(-1)?.generationId ?? null });
      }
      // The user left the conversation. The feed of the list says when the answer ends.
      void first?.body?.cancel().catch(() => {});
    },
    [conversationId, conversations, dispatch, read],
  );

  useEffect(() => {
    const controller = new AbortController();
    visible.current = controller;
    for (const { generationId, answerId } of read().running) void follow(generationId, answerId);
    const reload = async () => {
      const { running, messages } = read();
      if (running.length > 0 || messages.length === 0 || temporary.current) return;
      const result = await readConversationAction({ id: conversationId });
      if (!result.ok || controller.signal.aborted || read().running.length > 0) return;
      dispatch({ type: "sync", ...result.value });
      for (const { generationId, answerId } of result.value.running) void follow(generationId, answerId);
    };
    const markReadIfUnread = () => {
      const [known] = conversations.read([conversationId]);
      if (known?.isUnread !== true || document.visibilityState !== "visible") return;
      conversations.change([conversationId], { isUnread: false });
      void markRead(conversationId);
    };
    markReadIfUnread();
    const onVisible = () => {
      if (document.visibilityState !== "visible") return;
      markReadIfUnread();
      void reload();
    };
    document.addEventListener("visibilitychange", onVisible);
    // Another tab or device has started an answer or switched the branch.
    const markHidden = conversations.markVisible(conversationId, ({ leafId, isUnread }) => {
      if (leafId !== read().leafId) void reload();
      if (isUnread && document.visibilityState === "visible") void markRead(conversationId);
    });
    const stopTemporary = () => {
      if (temporary.current) for (const { generationId } of read().running) void requestStop(generationId);
    };
    window.addEventListener("pagehide", stopTemporary);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("pagehide", stopTemporary);
      stopTemporary();
      markHidden();
      controller.abort();
    };
  }, [conversationId, conversations, dispatch, follow, read, temporary]);

  return follow;
}

/** Marks a conversation as read on every device. A failure leaves it unread there. */
async function markRead(conversationId: string): Promise<void> {
  await fetch(`/api/chats/${conversationId}/read`, { method: "POST", keepalive: true }).catch(() => {});
}
