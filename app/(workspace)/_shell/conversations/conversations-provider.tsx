"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { subscribeToAnswers } from "#app/(workspace)/_shell/conversations/answer-channel.ts";
import {
  createAnswerWatcher,
  type WatchedAnswer,
} from "#app/(workspace)/_shell/conversations/answer-watcher.ts";
import type { RunningGeneration } from "#lib/chat/generation/list-running-generations.ts";

export type ConversationItem = { id: string; title: string; updatedAt: string };

type ConversationListState = {
  conversations: ConversationItem[];
  running: ReadonlySet<string>;
  availableMicros: number;
};
type Actions = {
  add: (id: string, firstMessage: string) => void;
  rename: (id: string, title: string) => void;
  touch: (id: string) => void;
  remove: (id: string) => void;
  restore: (conversation: ConversationItem) => void;
  /** Appends an older page. */
  extend: (conversations: ConversationItem[]) => void;
  markRunning: (id: string, running: boolean) => void;
  setAvailable: (micros: number) => void;
  /** Follows an answer whose conversation is not visible. */
  watch: (answer: WatchedAnswer) => void;
  /**
   * Marks a conversation as visible, which follows its own answers. Returns a function that marks it hidden.
   */
  markVisible: (id: string) => () => void;
};

const ListContext = createContext<ConversationListState | null>(null);
const ActionsContext = createContext<Actions | null>(null);

const newestFirst = (a: ConversationItem, b: ConversationItem) => (a.updatedAt < b.updatedAt ? 1 : -1);
const provisionalTitleLength = 60;

type Props = {
  conversations: ConversationItem[];
  running: RunningGeneration[];
  availableMicros: number;
  children: ReactNode;
};

/**
 * Shares the conversation list and the balance between sidebar and chat. The server provides the initial
 * state; actions update it immediately.
 */
export function ConversationsProvider({
  conversations: initialConversations,
  running: initialRunning,
  availableMicros: serverAvailableMicros,
  children,
}: Props) {
  const [conversations, setConversations] = useState(initialConversations);
  const [running, setRunning] = useState<ReadonlySet<string>>(
    () => new Set(initialRunning.map(({ conversationId }) => conversationId)),
  );
  const [availableMicros, setAvailable] = useState(serverAvailableMicros);
  const [lastServerValue, setLastServerValue] = useState(serverAvailableMicros);
  // The server rendered a new balance, for example after a payment.
  if (lastServerValue !== serverAvailableMicros) {
    setLastServerValue(serverAvailableMicros);
    setAvailable(serverAvailableMicros);
  }
  const actions = useMemo<Actions>(() => {
    const list = createListActions(setConversations);
    const markRunning = (id: string, isRunning: boolean) =>
      setRunning((all) => {
        const next = new Set(all);
        if (isRunning) next.add(id);
        else next.delete(id);
        return next;
      });
    const watcher = createAnswerWatcher({
      onEvent: (id, event) => {
        if (event.type === "title") list.rename(id, event.title);
        if (event.type === "end" && event.availableMicros !== null) setAvailable(event.availableMicros);
      },
      onEnd: (id) => markRunning(id, false),
    });
    return { ...list, ...watcher, markRunning, setAvailable };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the initially running answers
  useEffect(() => {
    for (const answer of initialRunning) actions.watch({ ...answer, length: 0 });
    return subscribeToAnswers(({ conversationId, generationId, title }) => {
      actions.add(conversationId, title);
      actions.markRunning(conversationId, true);
      actions.watch({ conversationId, generationId, length: 0 });
    });
  }, [actions]);
  const list = useMemo(
    () => ({ conversations, running, availableMicros }),
    [conversations, running, availableMicros],
  );
  return (
    <ActionsContext value={actions}>
      <ListContext value={list}>{children}</ListContext>
    </ActionsContext>
  );
}

type SetConversations = (change: (all: ConversationItem[]) => ConversationItem[]) => void;

/** The actions that change only the list. */
function createListActions(setConversations: SetConversations) {
  const change = (id: string, fields: Partial<ConversationItem>) =>
    setConversations((all) =>
      all.map((one) => (one.id === id ? { ...one, ...fields } : one)).sort(newestFirst),
    );
  return {
    add: (id: string, firstMessage: string) => {
      const title = firstMessage.replace(/\s+/g, " ").trim().slice(0, provisionalTitleLength);
      const added = { id, title, updatedAt: new Date().toISOString() };
      setConversations((all) => (all.some((one) => one.id === id) ? all : [added, ...all]));
    },
    rename: (id: string, title: string) => change(id, { title }),
    touch: (id: string) => change(id, { updatedAt: new Date().toISOString() }),
    remove: (id: string) => setConversations((all) => all.filter((one) => one.id !== id)),
    restore: (restored: ConversationItem) =>
      setConversations((all) => [...all.filter((one) => one.id !== restored.id), restored].sort(newestFirst)),
    extend: (more: ConversationItem[]) =>
      setConversations((all) =>
        [...all, ...more.filter(({ id }) => !all.some((one) => one.id === id))].sort(newestFirst),
      ),
  };
}

/** The conversation list, the running answers and the balance. The caller rerenders when they change. */
export function useConversationList(): ConversationListState {
  const list = useContext(ListContext);
  if (list === null) throw new Error("useConversationList needs a ConversationsProvider above it.");
  return list;
}

/** The actions on the conversation list. They are stable, so they cause no rerender. */
export function useConversationActions(): Actions {
  const actions = useContext(ActionsContext);
  if (actions === null) throw new Error("useConversationActions needs a ConversationsProvider above it.");
  return actions;
}
