import type {
  ConversationList,
  ListedConversation,
  SectionPage,
} from "#lib/chat/conversations/conversation-list.ts";
import type { ListChanges } from "#lib/chat/conversations/feed/read-changes.ts";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";
import { type Section, sectionsOf } from "#lib/chat/conversations/sections.ts";

type Mark = Pick<ListedConversation, "id" | "updatedAt">;
type Loaded = {
  /** The last conversation of the last page; null while the section is empty. */
  mark: Mark | null;
  hasMore: boolean;
};

/** What this tab knows of the conversation list. */
export type ListState = {
  items: ReadonlyMap<string, ListedConversation>;
  projects: readonly ProjectLine[];
  /** The sections of which at least one page is loaded. */
  loaded: ReadonlyMap<Section, Loaded>;
};

/** Sorts newest first, with equal times in the server's order of ids. */
export function compareItems(a: Mark, b: Mark): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? 1 : -1;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

export function createListState({
  pages,
  projects,
}: Pick<ConversationList, "pages" | "projects">): ListState {
  const empty: ListState = { items: new Map(), projects, loaded: new Map() };
  return pages.reduce(addPage, empty);
}

/** Adds a page that follows the pages of its section so far. */
export function addPage(state: ListState, { section, conversations, hasMore }: SectionPage): ListState {
  const items = new Map(state.items);
  // What is known already is as new: it came with the page, by the feed, or from the user.
  for (const one of conversations) if (!items.has(one.id)) items.set(one.id, one);
  const mark = conversations.at(-1) ?? state.loaded.get(section)?.mark ?? null;
  const loaded = new Map(state.loaded).set(section, { mark, hasMore });
  return { ...state, items, loaded };
}

/** Applies states of the server. */
export function applyChanges(
  state: ListState,
  { conversations, removed, projects }: Pick<ListChanges, "conversations" | "removed" | "projects">,
): ListState {
  const items = new Map(state.items);
  for (const one of conversations) items.set(one.id, one);
  for (const id of removed) items.delete(id);
  return { ...state, items, projects: projects ?? state.projects };
}

/** Changes fields of conversations that are known. */
export function changeItems(
  state: ListState,
  ids: readonly string[],
  fields: Partial<ListedConversation>,
): ListState {
  const items = new Map(state.items);
  for (const id of ids) {
    const item = items.get(id);
    if (item !== undefined) items.set(id, { ...item, ...fields });
  }
  return { ...state, items };
}

/**
 * The conversations of a section in their order, as far as its pages are loaded: one that is older than the
 * last page is left out, because those before it are missing.
 */
export function itemsOf({ items, loaded }: ListState, section: Section): ListedConversation[] {
  const pages = loaded.get(section);
  const isLoaded = (item: ListedConversation) =>
    pages === undefined || !pages.hasMore || pages.mark === null || compareItems(item, pages.mark) <= 0;
  return [...items.values()]
    .filter((item) => sectionsOf(item).includes(section) && isLoaded(item))
    .sort(compareItems);
}
