"use client";

import { useTranslations } from "next-intl";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import type { ChatState, ClientMessage, Regeneration } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { type ChatStore, createChatStore } from "#app/(workspace)/chat/_stream/chat-store.ts";
import { createComparison, createTurn, type Turn } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { requestStop } from "#app/(workspace)/chat/_stream/request-stop.ts";
import { startAnswer, startComparison } from "#app/(workspace)/chat/_stream/start-answer.ts";
import { temporaryHistory } from "#app/(workspace)/chat/_stream/temporary-history.ts";
import { createUnconfirmedTurn } from "#app/(workspace)/chat/_stream/unconfirmed-turn.ts";
import { useAnswerStream } from "#app/(workspace)/chat/_stream/use-answer-stream.ts";
import {
  branchEnd,
  findNewestLeaf,
  type VisibleMessage,
} from "#app/(workspace)/chat/_stream/visible-branch.ts";
import { chooseLeafAction, rateAnswerAction } from "#app/(workspace)/chat/actions.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import type { Instruction } from "#lib/chat/generation/stream-events.ts";

/** The user's actions on a conversation. The functions are stable, so passing them on causes no rerender. */
export type ChatActions = {
  /** Sends a message after the visible branch's last one. Resolves to false if the server rejected it. */
  send: (text: string, attachments?: AttachmentInfo[]) => Promise<boolean>;
  /** Sends a new version of a message as its sibling. */
  edit: (message: ClientMessage, text: string) => Promise<boolean>;
  /** Requests another answer to the same message. */
  regenerate: (answer: ClientMessage, options?: Regeneration) => void;
  /** Requests the rest of an answer that ended early; it is shown as one with it. */
  continueAnswer: (answer: VisibleMessage) => void;
  /** Sends a message to several models, whose answers are shown side by side. As `send`. */
  compare: (text: string, models: string[], attachments?: AttachmentInfo[]) => Promise<boolean>;
  /** Goes on with one of the compared answers; the others stay as its versions. */
  choose: (answer: ClientMessage) => void;
  /** Stops an answer, or all that are running. */
  stop: (generationId?: string) => void;
  selectModel: (model: string) => void;
  /** Changes how further answers are made; the server learns of it with the next message. */
  setParameters: (parameters: AnswerParameters) => void;
  /** Switches to another version of a message, on every device. */
  switchTo: (id: string) => void;
  dismissError: () => void;
  /** Rates an answer, on every device; null removes the rating. */
  rate: (answer: ClientMessage, rating: Rating | null) => void;
};

/**
 * The state of the open conversation and the user's actions on it. The text of a streaming answer is only in
 * the store.
 * @param isTemporary whether the next message starts, or has started, a temporary chat
 */
export function useChat(
  initial: ChatState,
  isTemporary: boolean,
): {
  state: ChatState;
  store: ChatStore;
  actions: ChatActions;
  /** How many messages turned out to have arrived after they had been given back to their field. */
  lateArrivals: number;
} {
  const [store] = useState(() => createChatStore(initial));
  const { read, dispatch } = store;
  const state = useSyncExternalStore(store.subscribeToScreen, store.readScreen, store.readScreen);
  const t = useTranslations("chat.sendError");
  const conversations = useConversationActions();
  const [unconfirmed] = useState(() => createUnconfirmedTurn<Turn>(({ answer }) => answer.id));
  const [unconfirmedComparison] = useState(() =>
    createUnconfirmedTurn<ReturnType<typeof createComparison>>(({ answers }) => answers[0]?.id),
  );
  const temporary = useRef(isTemporary);
  temporary.current = isTemporary;
  const follow = useAnswerStream(store, temporary);
  const { conversationId } = initial;

  const [lateArrivals, setLateArrivals] = useState(0);
  const { messages } = state;
  useEffect(() => {
    const arrived = [unconfirmed, unconfirmedComparison].filter((turn) => turn.hasArrived(messages));
    if (arrived.length === 0) return;
    for (const turn of arrived) turn.confirm();
    dispatch({ type: "dismissError" });
    setLateArrivals((count) => count + 1);
  }, [messages, dispatch, unconfirmed, unconfirmedComparison]);

  const startTurn = useCallback(
    async (
      text: string | null,
      parentId: string | null,
      model: string,
      instruction: Instruction | null = null,
      attachments: AttachmentInfo[] = [],
    ): Promise<boolean> => {
      const before = read();
      const { userMessage, answer } = unconfirmed.take(
        [text, parentId, model, instruction, temporary.current, attachments],
        () => createTurn(text, parentId, model, instruction, attachments),
      );
      const { generationId } = answer;
      const added = userMessage === null ? [answer] : [userMessage, answer];
      dispatch({ type: "send", messages: added, leafId: answer.id });
      const message = userMessage === null ? null : toSentMessage(userMessage);
      const isStored = !temporary.current;
      const started = await startAnswer({
        generationId,
        conversationId,
        parentId: isStored ? parentId : null,
        message,
        answerId: answer.id,
        model,
        parameters: before.parameters,
        ...(instruction !== null && { instruction }),
        ...(!isStored && { temporary: { history: temporaryHistory(before.messages, parentId) } }),
      });
      if (started.ok || started.problem.code !== "offline") unconfirmed.confirm();
      else unconfirmed.giveUp();
      if (!started.ok) {
        const messageIds = added.map(({ id }) => id);
        dispatch({ type: "sendFailed", messageIds, problem: started.problem, leafId: before.leafId });
        return false;
      }
      if (isStored && before.messages.length === 0 && text !== null)
        conversations.add(
          { id: conversationId, model, leafId: answer.id },
          text || (attachments[0]?.name ?? ""),
        );
      else if (isStored) conversations.touch(conversationId);
      void follow(generationId, answer.id, started.response);
      return true;
    },
    [conversationId, conversations, dispatch, follow, read, unconfirmed],
  );

  const compare = useCallback(
    async (text: string, models: string[], attachments: AttachmentInfo[] = []): Promise<boolean> => {
      const before = read();
      const parentId = branchEnd(before);
      const { userMessage, answers } = unconfirmedComparison.take([text, parentId, models, attachments], () =>
        createComparison(text, parentId, models, attachments),
      );
      const { id } = userMessage;
      dispatch({ type: "send", messages: [userMessage, ...answers], leafId: id });
      const started = await startComparison({
        conversationId,
        parentId,
        message: toSentMessage(userMessage),
        parameters: before.parameters,
        answers: answers.map(({ generationId, id: answerId, model }) => ({ generationId, answerId, model })),
      });
      if (started.ok || started.problem.code !== "offline") unconfirmedComparison.confirm();
      else unconfirmedComparison.giveUp();
      if (!started.ok) {
        const messageIds = [id, ...answers.map((answer) => answer.id)];
        dispatch({ type: "sendFailed", messageIds, problem: started.problem, leafId: before.leafId });
        return false;
      }
      if (before.messages.length === 0)
        conversations.add(
          { id: conversationId, model: models[0] ?? before.model, leafId: id },
          text || (attachments[0]?.name ?? ""),
        );
      else conversations.touch(conversationId);
      for (const { id: answerId, generationId } of answers) {
        const problem = started.refused.get(generationId);
        if (problem === undefined) void follow(generationId, answerId);
        else dispatch({ type: "sendFailed", messageIds: [answerId], problem, leafId: id });
      }
      return true;
    },
    [conversationId, conversations, dispatch, follow, read, unconfirmedComparison],
  );

  const actions = useMemo<ChatActions>(
    () => ({
      send: (text, attachments) => startTurn(text, branchEnd(read()), read().model, null, attachments),
      compare,
      choose: async ({ id, model }) => {
        dispatch({ type: "selectLeaf", leafId: id });
        if (model !== null) dispatch({ type: "selectModel", model });
        const result = await chooseLeafAction({ id: conversationId, leafId: id }).catch(() => null);
        if (!result?.ok) toast(result?.message ?? t("unreachable"));
      },
      edit: (message, text) => startTurn(text, message.parentId, read().model, null, message.attachments),
      regenerate: (answer, { model, instruction } = {}) =>
        void startTurn(null, answer.parentId, model ?? read().model, instruction),
      continueAnswer: (answer) => void startTurn(null, answer.continueFromId, answer.model ?? read().model),
      stop: (generationId) => {
        for (const running of read().running)
          if (generationId === undefined || running.generationId === generationId)
            void requestStop(running.generationId);
      },
      selectModel: (model) => dispatch({ type: "selectModel", model }),
      setParameters: (parameters) => dispatch({ type: "setParameters", parameters }),
      switchTo: async (id) => {
        const leafId = findNewestLeaf(read().messages, id);
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
    [startTurn, compare, conversationId, dispatch, read, t],
  );
  return { state, store, actions, lateArrivals };
}

/** A message of the user as the server takes it. */
function toSentMessage({ id, text, attachments = [] }: ClientMessage) {
  return { id, text, ...(attachments.length > 0 && { attachments: attachments.map((file) => file.id) }) };
}
