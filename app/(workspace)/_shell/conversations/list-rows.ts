import { type Age, groupByDay } from "#app/(workspace)/_shell/conversations/group-by-day.ts";
import { itemsOf, type ListState } from "#app/(workspace)/_shell/conversations/list-state.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";
import type { Section } from "#lib/chat/conversations/sections.ts";

/** A row of the list. All rows have the same height. */
export type ListRow =
  | {
      kind: "conversation";
      key: string;
      item: ListedConversation;
      section: Section;
    }
  | { kind: "project"; key: string; project: ProjectLine; isOpen: boolean; isFirst: boolean; isLast: boolean }
  /** An open project without conversations. */
  | { kind: "empty"; key: string }
  /** Stands for the pages of a section that are not loaded yet. */
  | { kind: "more"; key: string; section: Section };

type Heading = Age | "pinned" | "projects" | "archived";
export type ListGroup = { heading: Heading; rows: ListRow[] };

/** The list's groups: pinned conversations, projects, and the others by day. */
export function groupList(
  state: ListState,
  openProjects: ReadonlySet<string>,
  startOfToday: number,
): ListGroup[] {
  const pinned = sectionRows(state, "pinned");
  const recent = sectionRows(state, "recent");
  const days = groupByDay(itemsOf(state, "recent"), startOfToday).map(
    ({ age, items }): ListGroup => ({
      heading: age,
      rows: items.map((item) => conversationRow(item, "recent")),
    }),
  );
  const more = recent.find(({ kind }) => kind === "more");
  if (more !== undefined && days.length === 0) days.push({ heading: "older", rows: [] });
  if (more !== undefined) days.at(-1)?.rows.push(more);
  return [
    ...(pinned.length > 0 ? [{ heading: "pinned" as const, rows: pinned }] : []),
    { heading: "projects", rows: projectRows(state, openProjects) },
    ...days,
  ];
}

/** The archive as a list. */
export function groupArchive(state: ListState): ListGroup[] {
  return [{ heading: "archived", rows: sectionRows(state, "archived") }];
}

function projectRows(state: ListState, openProjects: ReadonlySet<string>): ListRow[] {
  const last = state.projects.length - 1;
  return state.projects.flatMap((project, index) => {
    const isOpen = openProjects.has(project.id);
    const row: ListRow = {
      kind: "project",
      key: `project:${project.id}`,
      project,
      isOpen,
      isFirst: index === 0,
      isLast: index === last,
    };
    if (!isOpen) return [row];
    const content = sectionRows(state, `project:${project.id}`);
    return [
      row,
      ...(content.length > 0 ? content : [{ kind: "empty" as const, key: `empty:${project.id}` }]),
    ];
  });
}

function sectionRows(state: ListState, section: Section): ListRow[] {
  const pages = state.loaded.get(section);
  const rows: ListRow[] = itemsOf(state, section).map((item) => conversationRow(item, section));
  if (pages?.hasMore === false) return rows;
  return [...rows, { kind: "more", key: `more:${section}`, section }];
}

function conversationRow(item: ListedConversation, section: Section): ListRow {
  return { kind: "conversation", key: `${section}:${item.id}`, item, section };
}

/** A heading or a row, with its place in the list. */
export type FlatRow = { key: string; index: number; row: ListRow | null; group: ListGroup };

/** The new-project button in the heading of the projects takes part in the movement by arrow keys. */
export const newProjectKey = "new-project";

/** Puts all headings and rows into one order. */
export function flattenGroups(groups: ListGroup[]): FlatRow[] {
  let index = 0;
  return groups.flatMap((group) => {
    const heading = group.heading === "projects" ? newProjectKey : `heading:${group.heading}`;
    const rows: (ListRow | null)[] = isPlain(group) ? group.rows : [null, ...group.rows];
    return rows.map((row) => ({ key: row?.key ?? heading, index: index++, row, group }));
  });
}

/** Whether a group is the only one, so that its heading is for screen readers. */
export function isPlain({ heading }: ListGroup): boolean {
  return heading === "archived";
}
