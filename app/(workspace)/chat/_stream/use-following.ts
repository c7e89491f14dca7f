import { type Dispatch, type RefObject, useCallback, useEffect, useRef } from "react";
import { hearAnswers } from "#app/(workspace)/_shell/conversations/answer-channel.ts";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import type { ChatAction, ChatState } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { followAnswer } from "#app/(workspace)/chat/_stream/follow-answer.ts";
import { createFrameQueue } from "#app/(workspace)/chat/_stream/frame-queue.ts";
import { readConversationAction } from "#app/(workspace)/chat/actions.ts";
import type { StreamEvent } from "#lib/chat/stream-events.ts";

type Follow = (generationId: string, answerId: string, first?: Response) => void;

/**
 * Follows the conversation's running answer while it is on the screen, hands it to the list when it is left, and catches
 * up with what other tabs and devices did meanwhile.
 */
export function useFollowing(latest: RefObject<ChatState>, dispatch: Dispatch<ChatAction>): Follow {
  const conversations = useConversationActions();
  const { conversationId } = latest.current;
  const onScreen = useRef(new AbortController());

  const follow = useCallback<Follow>(
    async (generationId, answerId, first) => {
      const { signal } = onScreen.current;
      const known = latest.current.messages.find((message) => message.id === answerId);
      let length = known?.text.length ?? 0;
      const queue = createFrameQueue<{ id: number; event: StreamEvent }>((items) => {
        for (const { id, event } of items) dispatch({ do: "event", generationId, id, event });
      });
      conversations.markRunning(conversationId, true);
      const following = {
        generationId,
        length: () => length,
        onEvent: (id: number, event: StreamEvent) => {
          if (event.type === "text") length = Math.max(length, id);
          if (event.type === "title") conversations.rename(conversationId, event.title);
          queue.add({ id, event });
          if (event.type !== "end") return;
          queue.flush();
          if (event.availableMicros !== null) conversations.setAvailable(event.availableMicros);
        },
        onConnection: (connection: ChatState["connection"]) => dispatch({ do: "connection", connection }),
        onLost: (problem: { code: string; message: string }) =>
          dispatch({ do: "lost", generationId, problem }),
        signal,
      };
      await followAnswer(following, first);
      if (!signal.aborted) return conversations.markRunning(conversationId, false);
      // The person went on to something else: the answer goes on too, and the list says when it is done.
      void first?.body?.cancel().catch(() => {});
      conversations.watch({ conversationId, generationId, length });
    },
    [conversationId, conversations, dispatch, latest],
  );

  useEffect(() => {
    const controller = new AbortController();
    onScreen.current = controller;
    const release = conversations.attend(conversationId);
    const { running, messages } = latest.current;
    if (running !== null) void follow(running.generationId, running.answerId);
    else if (messages.length > 0) conversations.markRunning(conversationId, false);
    const catchUp = async () => {
      if (latest.current.running !== null || latest.current.messages.length === 0) return;
      const result = await readConversationAction({ id: conversationId });
      if (!result.ok || controller.signal.aborted || latest.current.running !== null) return;
      dispatch({ do: "sync", ...result.value });
      const begun = result.value.running;
      if (begun !== null) void follow(begun.generationId, begun.answerId);
    };
    const onVisible = () => document.visibilityState === "visible" && void catchUp();
    document.addEventListener("visibilitychange", onVisible);
    const deafen = hearAnswers(
      (heard) => heard.conversationId === conversationId && void catchUp(),
      () => {
        const { running, title } = latest.current;
        return running && { conversationId, generationId: running.generationId, title };
      },
    );
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      deafen();
      release();
      controller.abort();
    };
  }, [conversationId, conversations, dispatch, follow, latest]);

  return follow;
}
