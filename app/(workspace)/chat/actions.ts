"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { toClientConversation } from "#app/(workspace)/chat/_screen/client-conversation.ts";
import { db } from "#db/client.ts";
import {
  chooseLeaf,
  deleteConversation,
  listConversations,
  renameConversation,
  restoreConversation,
} from "#lib/chat/conversations/conversations.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

const conversationId = z.object({ id: z.uuid() });

export const readConversationAction = action(conversationId, async ({ id }, { workspaceId, userId }) =>
  toClientConversation(await readConversation(db(), workspaceId, userId, id)),
);

export const renameConversationAction = action(
  conversationId.extend({ title: z.string().trim().min(1, fieldKey("titleMissing")).max(200) }),
  ({ id, title }, { workspaceId, userId }) => renameConversation(db(), workspaceId, userId, id, title),
);

export const deleteConversationAction = action(conversationId, ({ id }, { workspaceId, userId }) =>
  deleteConversation(db(), workspaceId, userId, id, now()),
);

export const restoreConversationAction = action(conversationId, ({ id }, { workspaceId, userId }) =>
  restoreConversation(db(), workspaceId, userId, id),
);

export const chooseLeafAction = action(
  conversationId.extend({ leafId: z.uuid() }),
  ({ id, leafId }, { workspaceId, userId }) => chooseLeaf(db(), workspaceId, userId, id, leafId),
);

/** Searches conversations by title and messages, or returns the page after a conversation. */
export const findConversationsAction = action(
  z.object({
    query: z.string().max(200).optional(),
    before: z.object({ id: z.uuid(), updatedAt: z.coerce.date() }).optional(),
  }),
  async (options, { workspaceId, userId }) => {
    const conversations = await listConversations(db(), workspaceId, userId, options);
    return conversations.map(({ id, title, updatedAt }) => ({
      id,
      title,
      updatedAt: updatedAt.toISOString(),
    }));
  },
);
