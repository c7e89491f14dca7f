import type { RefObject } from "react";
import {
  addPage,
  applyChanges,
  changeItems,
  createListState,
  type ListState,
} from "#app/(workspace)/_shell/conversations/list-state.ts";
import { readListAction, readSectionAction } from "#app/(workspace)/_shell/conversations/organize-actions.ts";
import {
  createPendingChanges,
  type PendingChanges,
} from "#app/(workspace)/_shell/conversations/pending-changes.ts";
import { openProjectsCookie, setSidebarCookie } from "#app/(workspace)/_shell/sidebar-cookies.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import type { FeedEvent } from "#lib/chat/conversations/feed/read-feed.ts";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";
import type { Section } from "#lib/chat/conversations/sections.ts";

/** Called when the server's state of a visible conversation arrives. */
type Watcher = (conversation: ListedConversation) => void;

export type ListActions = {
  /** Adds a conversation that this tab has started. */
  add: (conversation: Pick<ListedConversation, "id" | "model" | "leafId">, firstMessage: string) => void;
  /** Adds conversations that were found and that the list does not know yet. */
  learn: (conversations: readonly ListedConversation[]) => void;
  change: (ids: readonly string[], fields: Partial<ListedConversation>) => void;
  touch: (id: string) => void;
  /** Removes conversations and returns them, for `restore`. */
  remove: (ids: readonly string[]) => ListedConversation[];
  /** Puts conversations back into a former state. */
  restore: (conversations: readonly ListedConversation[]) => void;
  /** The current states of conversations that are known. */
  read: (ids: readonly string[]) => ListedConversation[];
  /** Protects changes from older states of the feed until the server has answered. */
  addPending: PendingChanges["add"];
  setProjects: (change: (projects: readonly ProjectLine[]) => readonly ProjectLine[]) => void;
  /** Removes a project. Its conversations leave it, except those that were deleted with it. */
  removeProject: (id: string, deletedIds: readonly string[]) => void;
  toggleProject: (id: string, isOpen: boolean) => void;
  /** Loads the next page of a section, once at a time. Resolves to whether it was loaded. */
  loadMore: (section: Section) => Promise<boolean>;
  setAvailable: (micros: number) => void;
  /** Applies an event of the feed. */
  receive: (event: FeedEvent) => void;
  /** Marks a conversation as visible in this tab. Returns a function that marks it hidden. */
  markVisible: (id: string, onChange: Watcher) => () => void;
};

type Store = {
  latest: RefObject<{ list: ListState; openProjects: ReadonlySet<string> }>;
  setList: (change: (list: ListState) => ListState) => void;
  setOpenProjects: (change: (open: ReadonlySet<string>) => ReadonlySet<string>) => void;
  setAvailable: (micros: number) => void;
};

const provisionalTitleLength = 60;

/** Creates the actions on the list of a tab. */
export function createListActions({ latest, setList, setOpenProjects, setAvailable }: Store): ListActions {
  const loading = new Map<Section, Promise<boolean>>();
  const visible = new Map<string, Watcher>();
  const pending = createPendingChanges();
  const read = (ids: readonly string[]) => ids.flatMap((id) => latest.current.list.items.get(id) ?? []);
  const reload = async () => {
    const result = await readListAction({ openProjects: [...latest.current.openProjects].slice(0, 50) });
    if (result.ok) setList(() => createListState(result.value));
  };
  return {
    read,
    setAvailable,
    addPending: pending.add,
    add: ({ id, model, leafId }, firstMessage) => {
      const title = firstMessage.replace(/\s+/g, " ").trim().slice(0, provisionalTitleLength);
      const flags = { projectId: null, isPinned: false, isArchived: false, isUnread: false, running: null };
      const added = { id, title, model, leafId, ...flags, updatedAt: new Date().toISOString() };
      // The feed may have been faster.
      setList((list) => (list.items.has(id) ? list : { ...list, items: new Map(list.items).set(id, added) }));
    },
    learn: (conversations) =>
      setList((list) => {
        const unknown = conversations.filter(({ id }) => !list.items.has(id));
        return applyChanges(list, { conversations: unknown, removed: [], projects: null });
      }),
    change: (ids, fields) => setList((list) => changeItems(list, ids, fields)),
    touch: (id) =>
      setList((list) => changeItems(list, [id], { updatedAt: new Date().toISOString(), isArchived: false })),
    remove: (ids) => {
      const removed = read(ids);
      setList((list) => applyChanges(list, { conversations: [], removed: [...ids], projects: null }));
      return removed;
    },
    restore: (conversations) =>
      setList((list) =>
        applyChanges(list, { conversations: [...conversations], removed: [], projects: null }),
      ),
    setProjects: (change) => setList((list) => ({ ...list, projects: change(list.projects) })),
    removeProject: (id, deletedIds) =>
      setList((list) => {
        const left = [...list.items.values()].filter(({ projectId }) => projectId === id);
        const moved = changeItems(
          list,
          left.map((one) => one.id),
          { projectId: null },
        );
        const projects = list.projects.filter((one) => one.id !== id);
        return applyChanges(moved, { conversations: [], removed: [...deletedIds], projects });
      }),
    toggleProject: (id, isOpen) =>
      setOpenProjects((open) => {
        const next = new Set(open);
        if (isOpen) next.add(id);
        else next.delete(id);
        setSidebarCookie(openProjectsCookie, [...next].slice(-50).join("."));
        return next;
      }),
    loadMore: (section) => {
      const running = loading.get(section);
      if (running !== undefined) return running;
      const load = async () => {
        const mark = latest.current.list.loaded.get(section)?.mark ?? null;
        const before = mark === null ? {} : { before: { id: mark.id, updatedAt: new Date(mark.updatedAt) } };
        const result = await readSectionAction({ section, ...before }).catch(() => null);
        if (result?.ok === true) setList((list) => addPage(list, result.value));
        return result?.ok === true;
      };
      const promise = load().finally(() => loading.delete(section));
      loading.set(section, promise);
      return promise;
    },
    receive: (event) => {
      if (event.type === "reload") void reload();
      if (event.type !== "changes") return;
      if (event.availableMicros !== null) setAvailable(event.availableMicros);
      const current = pending.applyTo(event);
      const changes = { ...current, conversations: current.conversations.map((one) => seen(one, visible)) };
      setList((list) => applyChanges(list, changes));
      for (const one of event.conversations) visible.get(one.id)?.(one);
    },
    markVisible: (id, onChange) => {
      visible.set(id, onChange);
      return () => {
        if (visible.get(id) === onChange) visible.delete(id);
      };
    },
  };
}

/** An answer that ends before the user's eyes is not marked as unread. */
function seen(conversation: ListedConversation, visible: ReadonlyMap<string, unknown>): ListedConversation {
  if (!conversation.isUnread || !visible.has(conversation.id) || document.visibilityState !== "visible")
    return conversation;
  return { ...conversation, isUnread: false };
}
