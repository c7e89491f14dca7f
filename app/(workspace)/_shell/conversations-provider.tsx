"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

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
};

const ShelfContext = createContext<Shelf | null>(null);
const ActionsContext = createContext<Actions | null>(null);

const newestFirst = (a: ConversationLine, b: ConversationLine) => (a.updatedAt < b.updatedAt ? 1 : -1);
const draftTitleLength = 60;

/**
 * The list of conversations and the balance, shared by sidebar and chat. It starts with what the server read and changes
 * at once with what is done here; the next visit reads it anew.
 */
export function ConversationsProvider({
  lines: initial,
  availableMicros: available,
  children,
}: {
  lines: ConversationLine[];
  availableMicros: number;
  children: ReactNode;
}) {
  const [lines, setLines] = useState(initial);
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set());
  const [availableMicros, setAvailable] = useState(available);
  const actions = useMemo<Actions>(() => {
    const change = (id: string, line: Partial<ConversationLine>) =>
      setLines((all) => all.map((one) => (one.id === id ? { ...one, ...line } : one)).sort(newestFirst));
    return {
      add: (id, firstMessage) => {
        const title = firstMessage.replace(/\s+/g, " ").trim().slice(0, draftTitleLength);
        const line = { id, title, updatedAt: new Date().toISOString() };
        setLines((all) => (all.some((one) => one.id === id) ? all : [line, ...all]));
      },
      rename: (id, title) => change(id, { title }),
      touch: (id) => change(id, { updatedAt: new Date().toISOString() }),
      remove: (id) => setLines((all) => all.filter((one) => one.id !== id)),
      restore: (line) =>
        setLines((all) => [...all.filter((one) => one.id !== line.id), line].sort(newestFirst)),
      extend: (more) =>
        setLines((all) =>
          [...all, ...more.filter((line) => !all.some((one) => one.id === line.id))].sort(newestFirst),
        ),
      markRunning: (id, runs) =>
        setRunning((all) => {
          const next = new Set(all);
          if (runs) next.add(id);
          else next.delete(id);
          return next;
        }),
      setAvailable,
    };
  }, []);
  const shelf = useMemo(() => ({ lines, running, availableMicros }), [lines, running, availableMicros]);
  return (
    <ActionsContext value={actions}>
      <ShelfContext value={shelf}>{children}</ShelfContext>
    </ActionsContext>
  );
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
