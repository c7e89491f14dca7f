import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import type { ListChanges } from "#lib/chat/conversations/feed/read-changes.ts";

/** A change of one conversation that the server has not answered yet. */
export type PendingChange = {
  fields?: Partial<ListedConversation>;
  /** Whether the change deletes the conversation (true) or restores it (false). */
  isDeleted?: boolean;
};

export type PendingChanges = {
  /** Remembers changes by the conversations' ids. Returns a function that forgets them. */
  add: (changes: ReadonlyMap<string, PendingChange>) => () => void;
  /**
   * Returns the states of a feed event with the pending changes applied. The server may have read them before
   * it received the changes, and they would undo for a moment what the user has just done.
   */
  applyTo: (event: ListChanges) => ListChanges;
};

/** Creates the pending changes of a tab's list. Of two changes of a conversation the later one counts. */
export function createPendingChanges(): PendingChanges {
  const pending = new Set<ReadonlyMap<string, PendingChange>>();
  const changesOf = (id: string) => [...pending].flatMap((changes) => changes.get(id) ?? []);
  const isDeleted = (id: string) => changesOf(id).findLast((one) => one.isDeleted !== undefined)?.isDeleted;
  const merge = (conversation: ListedConversation): ListedConversation =>
    Object.assign({}, conversation, ...changesOf(conversation.id).map(({ fields }) => fields));
  return {
    add: (changes) => {
      // A copy, so that a caller can add the same map twice.
      const added = new Map(changes);
      pending.add(added);
      return () => {
        pending.delete(added);
      };
    },
    applyTo: (event) => {
      if (pending.size === 0) return event;
      return {
        ...event,
        conversations: event.conversations.filter(({ id }) => isDeleted(id) !== true).map(merge),
        removed: event.removed.filter((id) => isDeleted(id) !== false),
      };
    },
  };
}
