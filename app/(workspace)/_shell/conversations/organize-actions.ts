"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { db } from "#db/client.ts";
import { changeConversations, maxChangedAtOnce } from "#lib/chat/conversations/change-conversations.ts";
import { readConversationList, readSectionPage } from "#lib/chat/conversations/conversation-list.ts";
import {
  createProject,
  deleteProject,
  orderProjects,
  renameProject,
} from "#lib/chat/conversations/projects.ts";
import type { Section } from "#lib/chat/conversations/sections.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

const ids = z.array(z.uuid()).min(1).max(maxChangedAtOnce);
const projectId = z.object({ id: z.uuid() });
const project = projectId.extend({ name: z.string().trim().min(1, fieldKey("nameMissing")).max(100) });
const section = z.custom<Section>(
  (value) =>
    typeof value === "string" &&
    /^(pinned|recent|archived|project:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(value),
);
const change = z.discriminatedUnion("type", [
  z.object({ type: z.literal("pin"), pinned: z.boolean() }),
  z.object({ type: z.literal("archive"), archived: z.boolean() }),
  z.object({ type: z.literal("move"), projectId: z.uuid().nullable() }),
  z.object({ type: z.literal("delete"), deleted: z.boolean() }),
]);

/** Pins, archives, moves, deletes or restores conversations. */
export const changeConversationsAction = action(
  z.object({ ids, change }),
  async (input, { workspaceId, userId }) => {
    await changeConversations(db(), workspaceId, userId, input.ids, input.change, now());
  },
);

/** Reads the next page of a part of the list. */
export const readSectionAction = action(
  z.object({ section, before: z.object({ id: z.uuid(), updatedAt: z.coerce.date() }).optional() }),
  (input, { workspaceId, userId }) => readSectionPage(db(), workspaceId, userId, input.section, input.before),
);

/** Reads the list again, from its beginning. */
export const readListAction = action(
  z.object({ openProjects: z.array(z.uuid()).max(50) }),
  ({ openProjects }, { workspaceId, userId }) =>
    readConversationList(db(), workspaceId, userId, openProjects),
);

export const createProjectAction = action(project, (input, { workspaceId, userId }) =>
  createProject(db(), workspaceId, userId, input, now()),
);

export const renameProjectAction = action(project, (input, { workspaceId, userId }) =>
  renameProject(db(), workspaceId, userId, input),
);

export const orderProjectsAction = action(
  z.object({ ids: z.array(z.uuid()).max(200) }),
  (input, { workspaceId, userId }) => orderProjects(db(), workspaceId, userId, input.ids),
);

/** Deletes a project, and on request its conversations; returns the ids of those. */
export const deleteProjectAction = action(
  projectId.extend({ deletesChats: z.boolean() }),
  (input, { workspaceId, userId }) => deleteProject(db(), workspaceId, userId, input, now()),
);
