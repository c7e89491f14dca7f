import { eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { chatPreferences } from "#db/schema/chat-preferences.ts";
import { type AnswerParameters, areDefault } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { toParameters } from "#lib/chat/generation/stream-events.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { findModel } from "#lib/usage/price-list.ts";

export type ChatPreferences = {
  /** Ids of models; some may have left the catalog. */
  favoriteModels: string[];
  /** The parameters of new chats. */
  parameters: AnswerParameters;
};

/** Reads what a user has chosen for the chat. */
export async function readChatPreferences(tx: Tx, userId: string): Promise<ChatPreferences> {
  const [row] = await tx.select().from(chatPreferences).where(eq(chatPreferences.userId, userId));
  return { favoriteModels: row?.favoriteModels ?? [], parameters: toParameters(row?.parameters) };
}

/** The most favorites of a user. */
const maxFavorites = 100;

/**
 * Adds a model to a user's favorites, or removes it. Safe to repeat.
 * @throws AppError model_not_found when a model that is not in the catalog is added
 */
export async function setFavoriteModel(
  tx: Tx,
  userId: string,
  modelId: string,
  isFavorite: boolean,
): Promise<void> {
  const favorites = chatPreferences.favoriteModels;
  if (!isFavorite) {
    await tx
      .update(chatPreferences)
      .set({ favoriteModels: sql`array_remove(${favorites}, ${modelId})` })
      .where(eq(chatPreferences.userId, userId));
    return;
  }
  if (findModel(modelId) === undefined)
    throw new AppError("model_not_found", { reason: errorReason("modelNotOffered") });
  await tx
    .insert(chatPreferences)
    .values({ userId, favoriteModels: [modelId] })
    .onConflictDoUpdate({
      target: chatPreferences.userId,
      // A repeated one moves to the end; beyond the limit the oldest leave.
      set: {
        favoriteModels: sql`(array_append(array_remove(${favorites}, ${modelId}), ${modelId}))[
          greatest(1, cardinality(array_remove(${favorites}, ${modelId})) + 2 - ${maxFavorites}):]`,
      },
    });
}

/** Stores the parameters of a user's new chats. */
export async function setNewChatParameters(
  tx: Tx,
  userId: string,
  parameters: AnswerParameters,
): Promise<void> {
  const stored = areDefault(parameters) ? null : parameters;
  await tx
    .insert(chatPreferences)
    .values({ userId, parameters: stored })
    .onConflictDoUpdate({ target: chatPreferences.userId, set: { parameters: stored } });
}
