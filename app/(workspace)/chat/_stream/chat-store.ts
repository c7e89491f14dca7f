import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { type ChatAction, type ChatState, reduceChat } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { refreshParts, type VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

/**
 * The state of the open conversation outside React. New text of a streaming answer rerenders only that
 * answer; every other change rerenders the screen.
 */
export type ChatStore = {
  /** The current state. */
  read: () => ChatState;
  /** The state as the screen shows it: the streaming answer may have less text than in `read`. */
  readScreen: () => ChatState;
  /** Applies actions in their order and notifies once. */
  dispatch: (...actions: ChatAction[]) => void;
  /** Calls the listener when `readScreen` has changed. Returns a function that ends this. */
  subscribeToScreen: (listener: () => void) => () => void;
  /** Calls the listener when `read` has changed. Returns a function that ends this. */
  subscribe: (listener: () => void) => () => void;
};

export function createChatStore(initial: ChatState): ChatStore {
  let state = initial;
  let screen = initial;
  const listeners = new Set<() => void>();
  const screenListeners = new Set<() => void>();
  return {
    read: () => state,
    readScreen: () => screen,
    dispatch: (...actions) => {
      const before = state;
      state = actions.reduce(reduceChat, state);
      if (state === before) return;
      const changesScreen = !actions.every(isStreamedText);
      if (changesScreen) screen = state;
      for (const listener of listeners) listener();
      if (changesScreen) for (const listener of screenListeners) listener();
    },
    subscribe: (listener) => subscribe(listeners, listener),
    subscribeToScreen: (listener) => subscribe(screenListeners, listener),
  };
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isStreamedText(action: ChatAction): boolean {
  return action.type === "event" && (action.event.type === "text" || action.event.type === "reasoning");
}

/** The store of the open conversation, for the rows of the message list. */
export const ChatStoreContext = createContext<ChatStore | null>(null);

const neverChanges = () => () => {};

/** A message of the screen's state; while it streams, with all text that has arrived. */
export function useStreamedMessage(message: VisibleMessage): VisibleMessage {
  const store = useContext(ChatStoreContext);
  const isStreaming = store !== null && message.status === "streaming";
  const readCurrent = () =>
    isStreaming ? store.read().messages.find(({ id }) => id === message.endId) : undefined;
  const current = useSyncExternalStore(
    isStreaming ? store.subscribe : neverChanges,
    readCurrent,
    () => undefined,
  );
  return useMemo(
    () => (store === null || current === undefined ? message : refreshParts(message, store.read().messages)),
    [store, current, message],
  );
}
