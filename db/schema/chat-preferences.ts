import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { users } from "#db/schema/accounts.ts";

/** What a user has chosen for the chat, on every device. No row: nothing was chosen. */
export const chatPreferences = pgTable("chat_preferences", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Ids of models. */
  favoriteModels: text("favorite_models").array().notNull().default([]),
  /** How answers in new chats are made (parameters/answer-parameters.ts); null for the defaults. */
  parameters: jsonb("parameters"),
});
