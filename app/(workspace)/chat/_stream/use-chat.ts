"use client";

import { useTranslations } from "next-intl";
import { useCallback, useMemo, useReducer, useRef, useState } from "react";
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
import { requestStop } from "#app/(workspace)/chat/_stream/request-stop.ts";
import { startAnswer } from "#app/(workspace)/chat/_stream/start-answer.ts";
import { temporaryHistory } from "#app/(workspace)/chat/_stream/temporary-history.ts";
import { createUnconfirmedTurn } from "#app/(workspace)/chat/_stream/unconfirmed-turn.ts";
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

/**
 * The state of the open conversation and the user's actions on it.
 * @param isTemporary whether the next message starts, or has started, a temporary chat
 */
export function useChat(
  initial: ChatState,
  isTemporary: boolean,
): { state: ChatState; actions: ChatActions } {
  const [state, dispatch] = useReducer(reduceChat, initial);
  const latest = useRef(state);
  latest.current = state;
  const t = useTranslations("chat.sendError");
  const conversations = useConversationActions();
  const [unconfirmed] = useState(createUnconfirmedTurn);
  const temporary = useRef(isTemporary);
  temporary.current = isTemporary;
  const follow = useAnswerStream(latest, dispatch, temporary);
  const { conversationId } = initial;

  const startTurn = useCallback(
    async (
      text: string | null,
      parentId: string | null,
      model: string,
      instruction: Instruction | null = null,
    ): Promise<boolean> => {
      const before = latest.current;
      const { generationId, userMessage, answer } = unconfirmed.take(
        [text, parentId, model, instruction, temporary.current],
        () => createTurn(text, parentId, model, instruction),
      );
      dispatch({ type: "send", userMessage, answer, generationId });
      const message = userMessage === null ? null : { id: userMessage.id, text: userMessage.text };
      const isStored = !temporary.current;
      const started = await startAnswer({
        generationId,
        conversationId,
        parentId: isStored ? parentId : null,
        message,
        answerId: answer.id,
        model,
        ...(instruction !== null && { instruction }),
        ...(!isStored && { temporary: { history: temporaryHistory(before.messages, parentId) } }),
      });
      if (started.ok || started.problem.code !== "offline") unconfirmed.confirm();
      if (!started.ok) {
        const removed = { answerId: answer.id, userMessageId: userMessage?.id ?? null };
        dispatch({ type: "sendFailed", ...removed, problem: started.problem, leafId: before.leafId });
        return false;
      }
      if (isStored && before.messages.length === 0 && text !== null)
        conversations.add({ id: conversationId, model, leafId: answer.id }, text);
      else if (isStored) conversations.touch(conversationId);
      void follow(generationId, answer.id, started.response);
      return true;
    },
    [conversationId, conversations, follow, unconfirmed],
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
        if (temporary.current) return;
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
