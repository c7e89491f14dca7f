import { sql } from "drizzle-orm";
import {
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { users, workspaces } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** A file with chats of this or another product, which a job imports. */
export const chatImports = pgTable(
  "chat_imports",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    status: text("status", { enum: ["uploading", "waiting", "running", "done", "failed"] })
      .notNull()
      .default("uploading"),
    fileName: text("file_name").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** Conversations by what became of them. */
    added: integer("added").notNull().default(0),
    updated: integer("updated").notNull().default(0),
    unchanged: integer("unchanged").notNull().default(0),
    skipped: integer("skipped").notNull().default(0),
    /** Why the file could not be read, or not to its end. */
    problem: text("problem", { enum: ["malformed", "too_large", "unsupported", "encrypted", "internal"] }),
    requestedAt: at("requested_at").notNull(),
    completedAt: at("completed_at"),
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
