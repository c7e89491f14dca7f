/**
 * A part of the conversation list: pinned ones; those without a pin and a project; the archive; a project.
 * A pinned conversation of a project is in both parts.
 */
export type Section = "pinned" | "recent" | "archived" | `project:${string}`;

type Placed = { isPinned: boolean; isArchived: boolean; projectId: string | null };

/** The sections in which a conversation is listed. The same rule in SQL: `inSection` in conversations.ts. */
export function sectionsOf({ isPinned, isArchived, projectId }: Placed): Section[] {
  if (isArchived) return ["archived"];
  if (projectId === null) return [isPinned ? "pinned" : "recent"];
  return isPinned ? ["pinned", `project:${projectId}`] : [`project:${projectId}`];
}

/** The project of a section; null for the others. */
export function projectOf(section: Section): string | null {
  return section.startsWith("project:") ? section.slice("project:".length) : null;
}
