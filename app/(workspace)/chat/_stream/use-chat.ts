"use client";

import { useCallback, useMemo, useReducer, useRef } from "react";
import { toast } from "#app/_ui/toast.tsx";
import { announceAnswer } from "#app/(workspace)/_shell/conversations/answer-channel.ts";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  type ChatState,
  type ClientMessage,
  newestLeafBelow,
  reduceChat,
} from "#app/(workspace)/chat/_stream/chat-state.ts";
import { newTurn } from "#app/(workspace)/chat/_stream/new-turn.ts";
import { startAnswer } from "#app/(workspace)/chat/_stream/start-answer.ts";
import { useFollowing } from "#app/(workspace)/chat/_stream/use-following.ts";
import { chooseLeafAction } from "#app/(workspace)/chat/actions.ts";

/** What can be done to a conversation. The functions stay the same, so that handing them on draws nothing again. */
export type ChatDeeds = {
  /** Sends a message after the last one shown; resolves to false when it was refused and the text should be kept. */
  send: (text: string) => Promise<boolean>;
  /** Sends another version of a message, beside the one that was sent. */
  edit: (message: ClientMessage, text: string) => Promise<boolean>;
  /** Asks for another answer to the same message. */
  regenerate: (answer: ClientMessage, model?: string) => void;
  stop: () => void;
  chooseModel: (model: string) => void;
  /** Shows another version of a message, from now on and on every device. */
  show: (id: string) => void;
  dismiss: () => void;
};

/** One conversation on the screen: what is shown, and everything that can be done to it. */
export function useChat(initial: ChatState): { state: ChatState; deeds: ChatDeeds } {
  const [state, dispatch] = useReducer(reduceChat, initial);
  const latest = useRef(state);
  latest.current = state;
  const conversations = useConversationActions();
  const follow = useFollowing(latest, dispatch);
  const { conversationId } = initial;

  const ask = useCallback(
    async (text: string | null, parentId: string | null, model: string): Promise<boolean> => {
      const before = latest.current;
      const { generationId, userMessage, answer } = newTurn(text, parentId, model);
      dispatch({ do: "send", userMessage, answer, generationId });
      const message = userMessage === null ? null : { id: userMessage.id, text: userMessage.text };
      const started = await startAnswer({
        generationId,
        conversationId,
        parentId,
        message,
        answerId: answer.id,
        model,
      });
      if (!started.ok) {
        const gone = { answerId: answer.id, userMessageId: userMessage?.id ?? null };
        dispatch({ do: "refused", ...gone, problem: started.problem, leafId: before.leafId });
        return false;
      }
      if (before.messages.length === 0 && text !== null) conversations.add(conversationId, text);
      else conversations.touch(conversationId);
      announceAnswer({ conversationId, generationId, title: text ?? before.title });
      void follow(generationId, answer.id, started.response);
      return true;
    },
    [conversationId, conversations, follow],
  );

  const deeds = useMemo<ChatDeeds>(
    () => ({
      send: (text) => ask(text, latest.current.leafId, latest.current.model),
      edit: (message, text) => ask(text, message.parentId, latest.current.model),
      regenerate: (answer, model) => void ask(null, answer.parentId, model ?? latest.current.model),
      stop: () => {
        const { running } = latest.current;
        if (running !== null) void requestStop(running.generationId);
      },
      chooseModel: (model) => dispatch({ do: "model", model }),
      show: async (id) => {
        const leafId = newestLeafBelow(latest.current.messages, id);
        dispatch({ do: "choose", leafId });
        const result = await chooseLeafAction({ id: conversationId, leafId });
        if (!result.ok) toast(result.message);
      },
      dismiss: () => dispatch({ do: "dismiss" }),
    }),
    [ask, conversationId],
  );
  return { state, deeds };
}

/** Stopping is a request like any other and may be sent twice; it is asked again where the network fails. */
async function requestStop(generationId: string, attempt = 1): Promise<void> {
  const response = await fetch(`/api/openai/chat/${generationId}/stop`, { method: "POST" }).catch(() => null);
  // Pressed before the answer had even begun, stop finds nothing to stop; a moment later it does.
  if (response?.ok || attempt === 6) return;
  await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
  await requestStop(generationId, attempt + 1);
}
