"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { createListActions, type ListActions } from "#app/(workspace)/_shell/conversations/list-actions.ts";
import { createListState, type ListState } from "#app/(workspace)/_shell/conversations/list-state.ts";
import type { ConversationList } from "#lib/chat/conversations/conversation-list.ts";

type ListContextValue = {
  list: ListState;
  /** The projects whose conversations are shown; remembered in this browser. */
  openProjects: ReadonlySet<string>;
  availableMicros: number;
};

const ListContext = createContext<ListContextValue | null>(null);
const ActionsContext = createContext<ListActions | null>(null);

type Props = {
  userId: string;
  list: ConversationList;
  openProjects: string[];
  availableMicros: number;
  children: ReactNode;
};

/**
 * Shares the conversation list and the balance between sidebar and chat. The server provides the initial
 * state; actions update it immediately, and the feed brings the changes of other tabs and devices.
 */
export function ConversationsProvider(props: Props) {
  const { userId, availableMicros: serverAvailableMicros, children } = props;
  const [list, setList] = useState(() => createListState(props.list));
  const [openProjects, setOpenProjects] = useState<ReadonlySet<string>>(() => new Set(props.openProjects));
  const [availableMicros, setAvailable] = useState(serverAvailableMicros);
  const [lastServerValue, setLastServerValue] = useState(serverAvailableMicros);
  // The server rendered a new balance, for example after a payment.
  if (lastServerValue !== serverAvailableMicros) {
    setLastServerValue(serverAvailableMicros);
    setAvailable(serverAvailableMicros);
  }
  const latest = useRef({ list, openProjects });
  latest.current = { list, openProjects };
  const actions = useMemo(() => createListActions({ latest, setList, setOpenProjects, setAvailable }), []);
  const startCursor = useRef(props.list.cursor);
  useEffect(() => {
    let close: (() => void) | undefined;
    let isGone = false;
    // Loaded after the first paint, which does not need it.
    void import("#app/(workspace)/_shell/conversations/list-feed.ts").then(({ openListFeed }) => {
      if (!isGone) close = openListFeed(userId, startCursor.current, actions.receive);
    });
    return () => {
      isGone = true;
      close?.();
    };
  }, [userId, actions]);
  const value = useMemo(
    () => ({ list, openProjects, availableMicros }),
    [list, openProjects, availableMicros],
  );
  return (
    <ActionsContext value={actions}>
      <ListContext value={value}>{children}</ListContext>
    </ActionsContext>
  );
}

/** The conversation list and the balance. The caller rerenders when they change. */
export function useConversationList(): ListContextValue {
  const list = useContext(ListContext);
  if (list === null) throw new Error("useConversationList needs a ConversationsProvider above it.");
  return list;
}

/** The actions on the conversation list. They are stable, so they cause no rerender. */
export function useConversationActions(): ListActions {
  const actions = useContext(ActionsContext);
  if (actions === null) throw new Error("useConversationActions needs a ConversationsProvider above it.");
  return actions;
}
