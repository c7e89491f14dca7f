import { sql } from "drizzle-orm";
import {
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { userRequestColumns } from "#db/schema/user-request.ts";

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** A file with chats of this or another product, which a job imports. */
export const chatImports = pgTable(
  "chat_imports",
  {
    ...userRequestColumns(),
    status: text("status", { enum: ["uploading", "waiting", "running", "done", "failed"] })
      .notNull()
      .default("uploading"),
    fileName: text("file_name").notNull(),
    /** Conversations by what became of them. */
    added: integer("added").notNull().default(0),
    updated: integer("updated").notNull().default(0),
    unchanged: integer("unchanged").notNull().default(0),
    skipped: integer("skipped").notNull().default(0),
    /** Why the file could not be read, or not to its end. */
    problem: text("problem", { enum: ["malformed", "too_large", "unsupported", "encrypted", "internal"] }),
  },
  (t) => [
    uniqueIndex("chat_imports_open")
      .on(t.userId)
      .where(sql`${t.status} in ('uploading', 'waiting', 'running')`),
    index("chat_imports_user").on(t.userId, t.requestedAt),
    index("chat_imports_workspace").on(t.workspaceId),
    check("chat_imports_status", sql`${t.status} in ('uploading', 'waiting', 'running', 'done', 'failed')`),
    check("chat_imports_failed", sql`${t.status} <> 'failed' or ${t.problem} is not null`),
  ],
);

/** The bytes of the file, in order, until the import has ended. */
export const chatImportChunks = pgTable(
  "chat_import_chunks",
  {
    importId: uuid("import_id")
      .notNull()
      .references(() => chatImports.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.importId, t.seq] })],
);
