"use server";

import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { toClientConversation } from "#app/(workspace)/chat/_screen/client-conversation.ts";
import { db } from "#db/client.ts";
import { setFavoriteModel, setNewChatParameters } from "#lib/chat/conversations/chat-preferences.ts";
import { chooseLeaf, renameConversation, setParameters } from "#lib/chat/conversations/conversations.ts";
import { forkConversation } from "#lib/chat/conversations/fork-conversation.ts";
import { rateAnswer } from "#lib/chat/conversations/rate-answer.ts";
import { ratingSchema } from "#lib/chat/conversations/rating.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { answerParametersSchema } from "#lib/chat/generation/stream-events.ts";
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

export const chooseLeafAction = action(
  conversationId.extend({ leafId: z.uuid() }),
  ({ id, leafId }, { workspaceId, userId }) => chooseLeaf(db(), workspaceId, userId, id, leafId),
);

export const rateAnswerAction = action(
  z.object({ messageId: z.uuid(), rating: ratingSchema.nullable() }),
  ({ messageId, rating }, { workspaceId, userId }) =>
    rateAnswer(db(), workspaceId, userId, messageId, rating, now()),
);

/** Copies the branch up to a message into a new conversation; the client chooses its id. */
export const forkConversationAction = action(
  z.object({ messageId: z.uuid(), conversationId: z.uuid() }),
  async (request, { workspaceId, userId }) => {
    const t = await getTranslations("chat.answerActions");
    const titleOf = (title: string) => t("forkTitle", { title });
    return forkConversation(db(), workspaceId, userId, { ...request, titleOf }, now());
  },
);

/** Stores how a conversation's answers are made, and if it is asked for, those of new chats. */
export const setParametersAction = action(
  z.object({
    /** Null for a new chat, which has no row yet. */
    conversationId: z.uuid().nullable(),
    parameters: answerParametersSchema,
    forNewChats: z.boolean(),
  }),
  async ({ conversationId, parameters, forNewChats }, { workspaceId, userId }) => {
    if (conversationId !== null) await setParameters(db(), workspaceId, userId, conversationId, parameters);
    if (forNewChats) await setNewChatParameters(db(), userId, parameters);
  },
);

export const setFavoriteModelAction = action(
  z.object({ model: z.string().min(1).max(200), isFavorite: z.boolean() }),
  ({ model, isFavorite }, { userId }) => setFavoriteModel(db(), userId, model, isFavorite),
);
