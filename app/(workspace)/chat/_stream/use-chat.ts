"use client";

import { useTranslations } from "next-intl";
import { useCallback, useMemo, useReducer, useRef } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  type ChatState,
  type ClientMessage,
  findNewestLeaf,
  type Regeneration,
  reduceChat,
} from "#app/(workspace)/chat/_stream/chat-state.ts";
import { createTurn } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { startAnswer } from "#app/(workspace)/chat/_stream/start-answer.ts";
import { useAnswerStream } from "#app/(workspace)/chat/_stream/use-answer-stream.ts";
import { chooseLeafAction, rateAnswerAction } from "#app/(workspace)/chat/actions.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";
import type { Instruction } from "#lib/chat/generation/stream-events.ts";

/** The user's actions on a conversation. The functions are stable, so passing them on causes no rerender. */
export type ChatActions = {
  /** Sends a message after the visible branch's last one. Resolves to false if the server rejected it. */
  send: (text: string) => Promise<boolean>;
  /** Sends a new version of a message as its sibling. */
  edit: (message: ClientMessage, text: string) => Promise<boolean>;
  /** Requests another answer to the same message. */
  regenerate: (answer: ClientMessage, options?: Regeneration) => void;
  /** Asks the model to go on after an answer that reached its length limit. */
  continueAnswer: (answer: ClientMessage) => void;
  stop: () => void;
  selectModel: (model: string) => void;
  /** Switches to another version of a message, on every device. */
  switchTo: (id: string) => void;
  dismissError: () => void;
  /** Rates an answer, on every device; null removes the rating. */
  rate: (answer: ClientMessage, rating: Rating | null) => void;
};

/** The state of the open conversation and the user's actions on it. */
export function useChat(initial: ChatState): { state: ChatState; actions: ChatActions } {
  const [state, dispatch] = useReducer(reduceChat, initial);
  const latest = useRef(state);
  latest.current = state;
  const t = useTranslations("chat.sendError");
  const conversations = useConversationActions();
  const follow = useAnswerStream(latest, dispatch);
  const { conversationId } = initial;

  const startTurn = useCallback(
    async (
      text: string | null,
      parentId: string | null,
      model: string,
      instruction: Instruction | null = null,
    ): Promise<boolean> => {
      const before = latest.current;
      const { generationId, userMessage, answer } = createTurn(text, parentId, model, instruction);
      dispatch({ type: "send", userMessage, answer, generationId });
      const message = userMessage === null ? null : { id: userMessage.id, text: userMessage.text };
      const started = await startAnswer({
        generationId,
        conversationId,
        parentId,
        message,
        answerId: answer.id,
        model,
        ...(instruction !== null && { instruction }),
      });
      if (!started.ok) {
        const removed = { answerId: answer.id, userMessageId: userMessage?.id ?? null };
        dispatch({ type: "sendFailed", ...removed, problem: started.problem, leafId: before.leafId });
        return false;
      }
      if (before.messages.length === 0 && text !== null)
        conversations.add({ id: conversationId, model, leafId: answer.id }, text);
      else conversations.touch(conversationId);
      void follow(generationId, answer.id, started.response);
      return true;
    },
    [conversationId, conversations, follow],
  );

  const actions = useMemo<ChatActions>(
    () => ({
      send: (text) => startTurn(text, latest.current.leafId, latest.current.model),
      edit: (message, text) => startTurn(text, message.parentId, latest.current.model),
      regenerate: (answer, { model, instruction } = {}) =>
        void startTurn(null, answer.parentId, model ?? latest.current.model, instruction),
      continueAnswer: (answer) => void startTurn("Continue", answer.id, answer.model ?? latest.current.model),
      stop: () => {
        const { running } = latest.current;
        if (running !== null) void requestStop(running.generationId);
      },
      selectModel: (model) => dispatch({ type: "selectModel", model }),
      switchTo: async (id) => {
        const leafId = findNewestLeaf(latest.current.messages, id);
        dispatch({ type: "selectLeaf", leafId });
        const result = await chooseLeafAction({ id: conversationId, leafId });
        if (!result.ok) toast(result.message);
      },
      dismissError: () => dispatch({ type: "dismissError" }),
      rate: async ({ id, rating: before }, rating) => {
        dispatch({ type: "rate", id, rating });
        const result = await rateAnswerAction({ messageId: id, rating }).catch(() => null);
        if (result?.ok) return;
        dispatch({ type: "rate", id, rating: before });
        toast(result?.message ?? t("unreachable"));
      },
    }),
    [startTurn, conversationId, t],
  );
  return { state, actions };
}

/** Requests a stop, and retries until the server has found the generation. Stopping twice is harmless. */
async function requestStop(generationId: string, attempt = 1): Promise<void> {
  const response = await fetch(`/api/openai/chat/${generationId}/stop`, { method: "POST" }).catch(() => null);
  // The generation may not have started yet.
  if (response?.ok || attempt === 6) return;
  await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
  await requestStop(generationId, attempt + 1);
}
