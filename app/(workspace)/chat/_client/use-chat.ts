"use client";

import { useCallback, useEffect, useReducer, useRef } from "react";
import { useConversationActions } from "#app/(workspace)/_shell/conversations-provider.tsx";
import { type ChatState, type ClientMessage, reduceChat } from "#app/(workspace)/chat/_client/chat-state.ts";
import { followAnswer } from "#app/(workspace)/chat/_client/follow-answer.ts";
import { createFrameQueue } from "#app/(workspace)/chat/_client/frame-queue.ts";
import { startAnswer } from "#app/(workspace)/chat/_client/start-answer.ts";
import { readConversationAction } from "#app/(workspace)/chat/actions.ts";
import type { StreamEvent } from "#lib/chat/stream-events.ts";

export type Chat = {
  state: ChatState;
  /** Sends a message; resolves to false when it was refused and the text should be kept. */
  send: (text: string) => Promise<boolean>;
  /** Asks for another answer to the same message. */
  regenerate: (answer: ClientMessage, model?: string) => void;
  stop: () => void;
  chooseModel: (model: string) => void;
  choose: (leafId: string) => void;
  dismiss: () => void;
};

/** One conversation on the screen: what is shown, and everything that can be done to it. */
export function useChat(initial: ChatState): Chat {
  const [state, dispatch] = useReducer(reduceChat, initial);
  const latest = useRef(state);
  latest.current = state;
  const ended = useRef(new AbortController());
  const conversations = useConversationActions();
  const { conversationId } = initial;

  const follow = useCallback(
    async (generationId: string, answerId: string, response?: Response) => {
      const known = latest.current.messages.find((message) => message.id === answerId);
      let length = known?.text.length ?? 0;
      const queue = createFrameQueue<{ id: number; event: StreamEvent }>((items) => {
        for (const { id, event } of items) dispatch({ do: "event", generationId, id, event });
      });
      conversations.markRunning(conversationId, true);
      await followAnswer(
        {
          generationId,
          length: () => length,
          onEvent: (id, event) => {
            if (event.type === "text") length = Math.max(length, id);
            if (event.type === "title") conversations.rename(conversationId, event.title);
            queue.add({ id, event });
            if (event.type === "end") {
              queue.flush();
              if (event.availableMicros !== null) conversations.setAvailable(event.availableMicros);
            }
          },
          onConnection: (connection) => dispatch({ do: "connection", connection }),
          onLost: (problem) => dispatch({ do: "lost", generationId, problem }),
          signal: ended.current.signal,
        },
        response,
      );
      if (!ended.current.signal.aborted) conversations.markRunning(conversationId, false);
    },
    [conversationId, conversations],
  );

  useEffect(() => {
    const controller = new AbortController();
    ended.current = controller;
    const { running } = latest.current;
    if (running !== null) void follow(running.generationId, running.answerId);
    // What another tab or device did meanwhile is seen on coming back.
    const catchUp = async () => {
      if (document.visibilityState !== "visible" || latest.current.running !== null) return;
      if (latest.current.messages.length === 0) return;
      const result = await readConversationAction({ id: conversationId });
      if (!result.ok || controller.signal.aborted || latest.current.running !== null) return;
      dispatch({ do: "sync", ...result.value });
      if (result.value.running !== null) {
        void follow(result.value.running.generationId, result.value.running.answerId);
      }
    };
    document.addEventListener("visibilitychange", catchUp);
    return () => {
      document.removeEventListener("visibilitychange", catchUp);
      controller.abort();
    };
  }, [conversationId, follow]);

  const ask = useCallback(
    async (text: string | null, parentId: string | null, model: string): Promise<boolean> => {
      const before = latest.current;
      const generationId = crypto.randomUUID();
      const createdAt = new Date().toISOString();
      const plain = { createdAt, receipt: null, problem: null };
      const userMessage: ClientMessage | null =
        text === null
          ? null
          : {
              ...plain,
              id: crypto.randomUUID(),
              parentId,
              role: "user",
              text,
              status: "done",
              model: null,
              generationId: null,
            };
      const answer: ClientMessage = {
        ...plain,
        id: crypto.randomUUID(),
        parentId: userMessage?.id ?? parentId,
        role: "assistant",
        text: "",
        status: "streaming",
        model,
        generationId,
      };
      dispatch({ do: "send", userMessage, answer, generationId });
      const started = await startAnswer({
        generationId,
        conversationId,
        parentId,
        message: userMessage === null ? null : { id: userMessage.id, text: userMessage.text },
        answerId: answer.id,
        model,
      });
      if (!started.ok) {
        const { problem } = started;
        dispatch({
          do: "refused",
          answerId: answer.id,
          userMessageId: userMessage?.id ?? null,
          problem,
          leafId: before.leafId,
        });
        return false;
      }
      if (before.messages.length === 0 && text !== null) conversations.add(conversationId, text);
      else conversations.touch(conversationId);
      void follow(generationId, answer.id, started.response);
      return true;
    },
    [conversationId, conversations, follow],
  );

  return {
    state,
    send: (text) => ask(text, latest.current.leafId, latest.current.model),
    regenerate: (answer, model) => void ask(null, answer.parentId, model ?? latest.current.model),
    stop: () => {
      const { running } = latest.current;
      if (running !== null) void requestStop(running.generationId);
    },
    chooseModel: (model) => dispatch({ do: "model", model }),
    choose: (leafId) => dispatch({ do: "choose", leafId }),
    dismiss: () => dispatch({ do: "dismiss" }),
  };
}

/** Stopping is a request like any other and may be sent twice; it is asked again where the network fails. */
async function requestStop(generationId: string, attempt = 1): Promise<void> {
  const response = await fetch(`/api/openai/chat/${generationId}/stop`, { method: "POST" }).catch(() => null);
  // Pressed before the answer had even begun, stop finds nothing to stop; a moment later it does.
  if (response?.ok || attempt === 6) return;
  await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
  await requestStop(generationId, attempt + 1);
}
