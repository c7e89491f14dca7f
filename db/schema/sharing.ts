import { index, pgTable, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { users, workspaces } from "#db/schema/accounts.ts";
import { conversations, messages } from "#db/schema/chat.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/**
 * Public links to a branch of a conversation as it was: from its root to a finished message, which never
 * changes. Links disappear with the conversation and with the account.
 */
export const shares = pgTable(
  "shares",
  {
    id: uuid("id").primaryKey(),
    /** 144 random bits of the link. Not hashed, because its owner can copy the link again. */
    token: text("token").notNull(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    conversationId: uuid("conversation_id")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    /** The last message that the link shows. */
    leafId: uuid("leaf_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    /** The title when the link was made. */
    title: text("title").notNull(),
    createdAt: at("created_at").notNull(),
    /** Null: until it is revoked. */
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
    /** Set when an operator took the link down; its owner cannot undo that. */
    takenDownAt: at("taken_down_at"),
  },
  (t) => [
    uniqueIndex("shares_token_key").on(t.token),
    index("shares_user").on(t.userId, t.createdAt),
    index("shares_conversation").on(t.conversationId),
    index("shares_leaf").on(t.leafId),
    index("shares_workspace").on(t.workspaceId),
    index("shares_created").on(t.createdAt),
  ],
);
