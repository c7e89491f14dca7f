import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { users, workspaces } from "#db/schema/accounts.ts";
import { holds } from "#db/schema/usage.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/**
 * A message's content, versioned by shape: text, thinking of the model with its duration, and files of the
 * user with what the chat shows of them (lib/chat/files/attachment-info.ts). `tokens` is set on the first
 * part of thinking that later prompts contain. Tool calls join the union later.
 */
export type MessagePart =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string; durationMs: number; tokens?: number }
  | { type: "file"; id: string; name: string; contentType: string; bytes: number };

/** How an answer ended; the same set as the outcomes of lib/chat/generation/stream-events.ts. */
const endings = [
  "done",
  "length",
  "content_filter",
  "stopped",
  "failed",
  "interrupted",
  "out_of_credit",
] as const;
const endingsSql = sql.raw(endings.map((ending) => `'${ending}'`).join(", "));

/**
 * Folders of a user's conversations. A deleted one stays for a time, so that every device hears of it; its
 * conversations have left it.
 */
export const projects = pgTable(
  "projects",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    /** Ascending in the list; projects with the same position are in the order of their creation. */
    position: integer("position").notNull(),
    createdAt: at("created_at").notNull(),
    deletedAt: at("deleted_at"),
    /** As in conversations. */
    changedIn: bigint("changed_in", { mode: "number" }).notNull().default(0),
  },
  (t) => [index("projects_owner").on(t.workspaceId, t.userId)],
);

export const conversations = pgTable(
  "conversations",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    title: text("title").notNull(),
    /**
     * "draft": the first words of the first message; "generated": by a model; "named": by the user, never
     * overwritten.
     */
    titleSource: text("title_source", { enum: ["draft", "generated", "named"] })
      .notNull()
      .default("draft"),
    model: text("model").notNull(),
    /** How answers are made (lib/chat/generation/parameters/answer-parameters.ts); null for the defaults. */
    parameters: jsonb("parameters"),
    /** The leaf of the branch that is shown, after a reload and on every device. */
    activeLeafId: uuid("active_leaf_id"),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    deletedAt: at("deleted_at"),
    pinnedAt: at("pinned_at"),
    archivedAt: at("archived_at"),
    projectId: uuid("project_id").references(() => projects.id, { onDelete: "set null" }),
    /** When the newest answer ended, set by a trigger. Unread while it is after `readAt`. */
    answeredAt: at("answered_at"),
    readAt: at("read_at"),
    /** The transaction that changed the row last, set by a trigger; the cursor of the feed compares it. */
    changedIn: bigint("changed_in", { mode: "number" }).notNull().default(0),
  },
  (t) => [
    index("conversations_workspace").on(t.workspaceId, t.userId, t.updatedAt),
    index("conversations_changes").on(t.userId, t.changedIn),
    index("conversations_changed_in").on(t.changedIn, t.id),
    index("conversations_pinned")
      .on(t.workspaceId, t.userId, t.updatedAt)
      .where(sql`${t.pinnedAt} is not null`),
    index("conversations_archived")
      .on(t.workspaceId, t.userId, t.updatedAt)
      .where(sql`${t.archivedAt} is not null`),
    index("conversations_project").on(t.projectId, t.updatedAt).where(sql`${t.projectId} is not null`),
    check("conversations_title_source", sql`${t.titleSource} in ('draft', 'generated', 'named')`),
  ],
);

/** The message tree: each message has a parent; a regenerated answer is a sibling. */
export const messages = pgTable(
  "messages",
  {
    id: uuid("id").primaryKey(),
    /** The conversation's; without a foreign key, because the conversation has one. */
    workspaceId: uuid("workspace_id").notNull(),
    conversationId: uuid("conversation_id")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    parentId: uuid("parent_id"),
    role: text("role", { enum: ["user", "assistant"] }).notNull(),
    parts: jsonb("parts").$type<MessagePart[]>().notNull(),
    /** The text of the parts, without thinking, for the index and for prompts. */
    content: text("content").notNull(),
    /** Not used; dropped one release after the index moved to `search_messages`. */
    search: tsvector("search"),
    /** Counted once, when the message is complete, so that prompts are summed without tokenizing again. */
    tokens: integer("tokens").notNull().default(0),
    model: text("model"),
    /** What a regeneration asked for besides the user's message, which stays as it was written. */
    instruction: text("instruction", { enum: ["shorter", "longer"] }),
    status: text("status", {
      enum: ["streaming", ...endings],
    })
      .notNull()
      .default("done"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    foreignKey({ columns: [t.parentId], foreignColumns: [t.id], name: "messages_parent_fk" }).onDelete(
      "cascade",
    ),
    index("messages_conversation").on(t.conversationId, t.createdAt),
    index("messages_parent").on(t.parentId),
    check("messages_instruction", sql`${t.instruction} in ('shorter', 'longer')`),
    check("messages_role", sql`${t.role} in ('user', 'assistant')`),
    check("messages_status", sql`${t.status} in ('streaming', ${endingsSql})`),
  ],
);

/** Why an answer was rated as bad; a closed list, so that no text of a user reaches the operator. */
const ratingReasons = ["incorrect", "incomplete", "ignored", "length", "refused", "other"] as const;
const ratingReasonsSql = sql.raw(ratingReasons.map((reason) => `'${reason}'`).join(", "));

/** A user's rating of an answer. The model is counted for the operator; the row goes with its message. */
export const messageRatings = pgTable(
  "message_ratings",
  {
    messageId: uuid("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    model: text("model").notNull(),
    rating: text("rating", { enum: ["up", "down"] }).notNull(),
    reason: text("reason", { enum: ratingReasons }),
    ratedAt: at("rated_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.userId] }),
    index("message_ratings_user").on(t.userId),
    check("message_ratings_rating", sql`${t.rating} in ('up', 'down')`),
    check(
      "message_ratings_reason",
      sql`${t.reason} is null or (${t.rating} = 'down' and ${t.reason} in (${ratingReasonsSql}))`,
    ),
  ],
);

/**
 * A generation of an answer. The client chooses the id, so a repeated request starts one generation.
 * Workspace, user and conversation have no foreign keys, because the message has them and deletes the
 * generation with it. A generation of a temporary chat has no message and no stored conversation.
 */
export const generations = pgTable(
  "generations",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id").notNull(),
    userId: uuid("user_id").notNull(),
    conversationId: uuid("conversation_id").notNull(),
    /** Null in a temporary chat, whose text is in the log only. */
    messageId: uuid("message_id").references(() => messages.id, { onDelete: "cascade" }),
    holdId: uuid("hold_id").references(() => holds.id),
    model: text("model").notNull(),
    status: text("status", { enum: ["running", ...endings] })
      .notNull()
      .default("running"),
    stopRequestedAt: at("stop_requested_at"),
    /** The process that runs it; it counts as dead after a time without a heartbeat. */
    instanceId: text("instance_id").notNull(),
    heartbeatAt: at("heartbeat_at").notNull(),
    errorCode: text("error_code"),
    promptTokens: integer("prompt_tokens"),
    /**
     * The first message of the prompt when earlier ones were left out; null when none was. Without a foreign
     * key, because it is written with the messages.
     */
    firstMessageId: uuid("first_message_id"),
    completionTokens: integer("completion_tokens"),
    /** Parts of the prompt and of the completion; null for generations that ended before they were stored. */
    cachedTokens: integer("cached_tokens"),
    reasoningTokens: integer("reasoning_tokens"),
    chargedMicros: bigint("charged_micros", { mode: "number" }),
    estimated: boolean("estimated").notNull().default(false),
    firstTokenMs: integer("first_token_ms"),
    startedAt: at("started_at").notNull(),
    endedAt: at("ended_at"),
    requestId: text("request_id"),
  },
  (t) => [
    unique("generations_message_key").on(t.messageId),
    index("generations_running").on(t.heartbeatAt).where(sql`${t.status} = 'running'`),
    index("generations_temporary").on(t.workspaceId).where(sql`${t.messageId} is null`),
    check("generations_status", sql`${t.status} in ('running', ${endingsSql})`),
    check("generations_ended", sql`(${t.status} = 'running') = (${t.endedAt} is null)`),
  ],
);

/** The log that readers replay: append-only, without gaps. */
export const generationEvents = pgTable(
  "generation_events",
  {
    generationId: uuid("generation_id")
      .notNull()
      .references(() => generations.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    event: jsonb("event").notNull(),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.generationId, t.seq] })],
);
