import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, projects } from "#db/schema/chat.ts";
import { AppError, errorReason, fieldProblem, notFound } from "#lib/core/errors.ts";

export type ProjectLine = { id: string; name: string };

/** How many projects a user has at most; the list shows all of them. */
const maxProjects = 200;

function ownedBy(workspaceId: string, userId: string) {
  return and(eq(projects.workspaceId, workspaceId), eq(projects.userId, userId), isNull(projects.deletedAt));
}

/** Lists a user's projects in their order. */
export async function listProjects(tx: Tx, workspaceId: string, userId: string): Promise<ProjectLine[]> {
  return tx
    .select({ id: projects.id, name: projects.name })
    .from(projects)
    .where(ownedBy(workspaceId, userId))
    .orderBy(asc(projects.position), asc(projects.createdAt), asc(projects.id));
}

/**
 * Creates a project at the end of the list. A repeated request with the same id changes nothing.
 * @param id chosen by the client
 * @throws AppError invalid_input (an empty name), conflict (too many projects), not_found (a stranger's id)
 */
export async function createProject(
  tx: Tx,
  workspaceId: string,
  userId: string,
  { id, name }: ProjectLine,
  at: Date,
): Promise<void> {
  const clean = cleanName(name);
  const [count] = await tx
    .select({
      total: sql<number>`count(*)::int`,
      next: sql<number>`coalesce(max(${projects.position}), 0)::int + 1`,
    })
    .from(projects)
    .where(ownedBy(workspaceId, userId));
  const existing = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(and(ownedBy(workspaceId, userId), eq(projects.id, id)));
  if (existing.length > 0) return;
  if ((count?.total ?? 0) >= maxProjects)
    throw new AppError("conflict", { reason: errorReason("tooManyProjects", { max: maxProjects }) });
  const project = { id, workspaceId, userId, name: clean, position: count?.next ?? 1, createdAt: at };
  const created = await tx.insert(projects).values(project).onConflictDoNothing().returning();
  if (created.length === 0) throw notFound("project");
}

/** @throws AppError not_found, invalid_input (an empty name) */
export async function renameProject(
  tx: Tx,
  workspaceId: string,
  userId: string,
  { id, name }: ProjectLine,
): Promise<void> {
  const changed = await tx
    .update(projects)
    .set({ name: cleanName(name) })
    .where(and(ownedBy(workspaceId, userId), eq(projects.id, id)))
    .returning({ id: projects.id });
  if (changed.length === 0) throw notFound("project");
}

/**
 * Puts a user's projects in an order. Ids that are not the user's are ignored, and projects that are missing
 * come last.
 */
export async function orderProjects(
  tx: Tx,
  workspaceId: string,
  userId: string,
  ids: string[],
): Promise<void> {
  await tx
    .update(projects)
    .set({
      position: sql`coalesce(array_position(${sql.param(ids)}::uuid[], ${projects.id}), ${maxProjects}::int)`,
    })
    .where(ownedBy(workspaceId, userId));
}

/**
 * Deletes a project. Its conversations leave it, and with `deletesChats` those that are not archived are
 * deleted too. A repeated deletion changes nothing.
 * @returns the ids of the deleted conversations, which can be restored
 * @throws AppError not_found (a stranger's id)
 */
export async function deleteProject(
  tx: Tx,
  workspaceId: string,
  userId: string,
  { id, deletesChats }: { id: string; deletesChats: boolean },
  at: Date,
): Promise<string[]> {
  return tx.transaction(async (inner) => {
    const [project] = await inner
      .select({ deletedAt: projects.deletedAt })
      .from(projects)
      .where(and(eq(projects.workspaceId, workspaceId), eq(projects.userId, userId), eq(projects.id, id)))
      .for("update");
    if (project === undefined) throw notFound("project");
    if (project.deletedAt !== null) return [];
    await inner.update(projects).set({ deletedAt: at }).where(eq(projects.id, id));
    const content = await inner
      .select({
        id: conversations.id,
        isArchived: sql<boolean>`${conversations.archivedAt} is not null`,
        isDeleted: sql<boolean>`${conversations.deletedAt} is not null`,
      })
      .from(conversations)
      .where(and(eq(conversations.workspaceId, workspaceId), eq(conversations.projectId, id)))
      .orderBy(asc(conversations.id))
      .for("update");
    if (content.length === 0) return [];
    const deleted = deletesChats
      ? content.filter(({ isArchived, isDeleted }) => !isArchived && !isDeleted).map((one) => one.id)
      : [];
    await inner.update(conversations).set({ projectId: null }).where(eq(conversations.projectId, id));
    if (deleted.length > 0)
      await inner.update(conversations).set({ deletedAt: at }).where(inArray(conversations.id, deleted));
    return deleted;
  });
}

/** Locks a project against deletion. @throws AppError not_found */
export async function requireProject(tx: Tx, workspaceId: string, userId: string, id: string): Promise<void> {
  const [project] = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(and(ownedBy(workspaceId, userId), eq(projects.id, id)))
    .for("share");
  if (project === undefined) throw notFound("project");
}

/** @throws AppError invalid_input for an empty name */
function cleanName(name: string): string {
  const clean = name.replaceAll("\0", "").replace(/\s+/g, " ").trim().slice(0, 100).toWellFormed();
  if (clean === "") throw new AppError("invalid_input", { fields: [fieldProblem("name", "nameMissing")] });
  return clean;
}
