"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { clientConversation } from "#app/(workspace)/chat/_screen/client-conversation.ts";
import { db } from "#db/client.ts";
import {
  chooseLeaf,
  deleteConversation,
  listConversations,
  renameConversation,
  restoreConversation,
} from "#lib/chat/conversations.ts";
import { readConversation } from "#lib/chat/read-conversation.ts";
import { now } from "#lib/core/clock.ts";

const one = z.object({ id: z.uuid() });

export const readConversationAction = action(one, async ({ id }, { workspaceId, userId }) =>
  clientConversation(await readConversation(db(), workspaceId, userId, id)),
);

export const renameConversationAction = action(
  one.extend({ title: z.string().trim().min(1, "A title needs at least one letter.").max(200) }),
  ({ id, title }, { workspaceId, userId }) => renameConversation(db(), workspaceId, userId, id, title),
);

export const deleteConversationAction = action(one, ({ id }, { workspaceId, userId }) =>
  deleteConversation(db(), workspaceId, userId, id, now()),
);

export const restoreConversationAction = action(one, ({ id }, { workspaceId, userId }) =>
  restoreConversation(db(), workspaceId, userId, id),
);

export const chooseLeafAction = action(
  one.extend({ leafId: z.uuid() }),
  ({ id, leafId }, { workspaceId, userId }) => chooseLeaf(db(), workspaceId, userId, id, leafId),
);

/** Conversations by words in their title or messages; or the page after the last one shown. */
export const findConversationsAction = action(
  z.object({
    query: z.string().max(200).optional(),
    before: z.object({ id: z.uuid(), updatedAt: z.coerce.date() }).optional(),
  }),
  async (options, { workspaceId, userId }) => {
    const lines = await listConversations(db(), workspaceId, userId, options);
    return lines.map(({ id, title, updatedAt }) => ({ id, title, updatedAt: updatedAt.toISOString() }));
  },
);
