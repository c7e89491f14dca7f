import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { users, workspaces } from "#db/schema/accounts.ts";
import { messages } from "#db/schema/chat.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** A file that a user has uploaded for a message. Its bytes are in the blob store (lib/chat/files). */
export const attachments = pgTable(
  "attachments",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    status: text("status", { enum: ["uploading", "ready"] })
      .notNull()
      .default("uploading"),
    name: text("name").notNull(),
    /** The announced size during the upload, and the stored size then; counts toward the plan's storage. */
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    kind: text("kind", { enum: ["image", "text", "pdf", "word", "excel"] }),
    /** By the content, never by the name. */
    contentType: text("content_type"),
    sha256: text("sha256"),
    width: integer("width"),
    height: integer("height"),
    pages: integer("pages"),
    /** The text that models get of a document; null for an image. */
    text: text("text"),
    /** What it adds to a prompt, in tokens. */
    tokens: integer("tokens").notNull().default(0),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    index("attachments_workspace").on(t.workspaceId),
    index("attachments_user").on(t.userId, t.id),
    index("attachments_created").on(t.createdAt),
    check("attachments_status", sql`${t.status} in ('uploading', 'ready')`),
    check("attachments_kind", sql`${t.kind} in ('image', 'text', 'pdf', 'word', 'excel')`),
    check(
      "attachments_ready",
      sql`${t.status} = 'uploading' or num_nulls(${t.kind}, ${t.contentType}, ${t.sha256}) = 0`,
    ),
  ],
);

/** The bytes of a file, in order, where the database is the blob store. */
export const attachmentChunks = pgTable(
  "attachment_chunks",
  {
    attachmentId: uuid("attachment_id")
      .notNull()
      .references(() => attachments.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.attachmentId, t.seq] })],
);

/**
 * The files of a message. An edited message and a copied chat name the same files again; a file is deleted
 * after its last message.
 */
export const messageAttachments = pgTable(
  "message_attachments",
  {
    messageId: uuid("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    attachmentId: uuid("attachment_id")
      .notNull()
      .references(() => attachments.id),
    position: integer("position").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.attachmentId] }),
    index("message_attachments_attachment").on(t.attachmentId),
  ],
);
