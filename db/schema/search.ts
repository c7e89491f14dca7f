import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  customType,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { conversations, messages } from "#db/schema/chat.ts";

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/**
 * The search index of messages, written outside of requests (lib/chat/search/index-changes.ts). A term begins
 * with a scope: its user and the quarter of the message, so that a search reads its user's terms only, newest
 * first. The scope is no authorization: a query also compares the owner of the conversation.
 */
export const searchMessages = pgTable(
  "search_messages",
  {
    messageId: uuid("message_id")
      .primaryKey()
      .references(() => messages.id, { onDelete: "cascade" }),
    /** The message's, which deletes the row with itself. */
    conversationId: uuid("conversation_id").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, mode: "date", precision: 3 }).notNull(),
    model: text("model"),
    /** `xmin` of the message when it was indexed; another value means that the message has changed. */
    rowVersion: bigint("row_version", { mode: "number" }).notNull(),
    /** The version of the rules by which the terms were made. */
    rules: smallint("rules").notNull(),
    terms: tsvector("terms").notNull(),
  },
  // Without a list of pending entries, which every search would read; the writer is no request.
  (t) => [index("search_messages_terms").using("gin", t.terms).with({ fastupdate: false })],
);

/** The search index of titles, which are found by any part of their words. */
export const searchTitles = pgTable(
  "search_titles",
  {
    conversationId: uuid("conversation_id")
      .primaryKey()
      .references(() => conversations.id, { onDelete: "cascade" }),
    terms: tsvector("terms").notNull(),
  },
  (t) => [index("search_titles_terms").using("gin", t.terms).with({ fastupdate: false })],
);

/**
 * How far the index is: every conversation up to this position in the order of (changed_in, id) is indexed.
 * One row.
 */
export const searchProgress = pgTable(
  "search_progress",
  {
    id: integer("id").primaryKey().default(1),
    rules: smallint("rules").notNull(),
    changedIn: bigint("changed_in", { mode: "number" }).notNull(),
    conversationId: uuid("conversation_id").notNull(),
  },
  (t) => [check("search_progress_one_row", sql`${t.id} = 1`)],
);
