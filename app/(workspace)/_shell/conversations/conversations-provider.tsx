"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { hearAnswers } from "#app/(workspace)/_shell/conversations/answer-channel.ts";
import { createAnswerWatch, type WatchedAnswer } from "#app/(workspace)/_shell/conversations/answer-watch.ts";
import type { RunningAnswer } from "#lib/chat/list-running.ts";

export type ConversationLine = { id: string; title: string; updatedAt: string };

type Shelf = { lines: ConversationLine[]; running: ReadonlySet<string>; availableMicros: number };
type Actions = {
  add: (id: string, firstMessage: string) => void;
  rename: (id: string, title: string) => void;
  touch: (id: string) => void;
  remove: (id: string) => void;
  restore: (line: ConversationLine) => void;
  extend: (lines: ConversationLine[]) => void;
  markRunning: (id: string, running: boolean) => void;
  setAvailable: (micros: number) => void;
  /** Keeps the list informed of an answer whose conversation is not on the screen. */
  watch: (answer: WatchedAnswer) => void;
  /** Says that a conversation is on the screen and followed there, until the returned function is called. */
  attend: (id: string) => () => void;
};

const ShelfContext = createContext<Shelf | null>(null);
const ActionsContext = createContext<Actions | null>(null);

const newestFirst = (a: ConversationLine, b: ConversationLine) => (a.updatedAt < b.updatedAt ? 1 : -1);
const draftTitleLength = 60;

type Props = {
  lines: ConversationLine[];
  running: RunningAnswer[];
  availableMicros: number;
  children: ReactNode;
};

/**
 * The list of conversations and the balance, shared by sidebar and chat. It starts with what the server read and changes
 * at once with what is done here; the next visit reads it anew.
 */
export function ConversationsProvider({
  lines: initial,
  running: begun,
  availableMicros: left,
  children,
}: Props) {
  const [lines, setLines] = useState(initial);
  const [running, setRunning] = useState<ReadonlySet<string>>(
    () => new Set(begun.map(({ conversationId }) => conversationId)),
  );
  const [availableMicros, setAvailable] = useState(left);
  const [lastRead, setLastRead] = useState(left);
  // A payment or a change of plan has the server read the balance anew, while this list stays as it is.
  if (lastRead !== left) {
    setLastRead(left);
    setAvailable(left);
  }
  const actions = useMemo<Actions>(() => {
    const list = listActions(setLines);
    const markRunning = (id: string, runs: boolean) =>
      setRunning((all) => {
        const next = new Set(all);
        if (runs) next.add(id);
        else next.delete(id);
        return next;
      });
    const watch = createAnswerWatch({
      onEvent: (id, event) => {
        if (event.type === "title") list.rename(id, event.title);
        if (event.type === "end" && event.availableMicros !== null) setAvailable(event.availableMicros);
      },
      onEnd: (id) => markRunning(id, false),
    });
    return { ...list, ...watch, markRunning, setAvailable };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what ran when the page was made is watched once
  useEffect(() => {
    for (const answer of begun) actions.watch({ ...answer, length: 0 });
    return hearAnswers(({ conversationId, generationId, title }) => {
      actions.add(conversationId, title);
      actions.markRunning(conversationId, true);
      actions.watch({ conversationId, generationId, length: 0 });
    });
  }, [actions]);
  const shelf = useMemo(() => ({ lines, running, availableMicros }), [lines, running, availableMicros]);
  return (
    <ActionsContext value={actions}>
      <ShelfContext value={shelf}>{children}</ShelfContext>
    </ActionsContext>
  );
}

type SetLines = (change: (all: ConversationLine[]) => ConversationLine[]) => void;

/** The ways to change the list itself. */
function listActions(setLines: SetLines) {
  const change = (id: string, line: Partial<ConversationLine>) =>
    setLines((all) => all.map((one) => (one.id === id ? { ...one, ...line } : one)).sort(newestFirst));
  return {
    add: (id: string, firstMessage: string) => {
      const title = firstMessage.replace(/\s+/g, " ").trim().slice(0, draftTitleLength);
      const line = { id, title, updatedAt: new Date().toISOString() };
      setLines((all) => (all.some((one) => one.id === id) ? all : [line, ...all]));
    },
    rename: (id: string, title: string) => change(id, { title }),
    touch: (id: string) => change(id, { updatedAt: new Date().toISOString() }),
    remove: (id: string) => setLines((all) => all.filter((one) => one.id !== id)),
    restore: (line: ConversationLine) =>
      setLines((all) => [...all.filter((one) => one.id !== line.id), line].sort(newestFirst)),
    extend: (more: ConversationLine[]) =>
      setLines((all) =>
        [...all, ...more.filter((line) => !all.some((one) => one.id === line.id))].sort(newestFirst),
      ),
  };
}

/** What the list shows; whoever reads it draws again when it changes. */
export function useShelf(): Shelf {
  const shelf = useContext(ShelfContext);
  if (shelf === null) throw new Error("useShelf needs a ConversationsProvider above it.");
  return shelf;
}

/** Ways to change the list; they stay the same, so using them draws nothing again. */
export function useConversationActions(): Actions {
  const actions = useContext(ActionsContext);
  if (actions === null) throw new Error("useConversationActions needs a ConversationsProvider above it.");
  return actions;
}
