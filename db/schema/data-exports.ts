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
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { userRequestColumns } from "#db/schema/user-request.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** An archive of all of a user's data, built by a job and deleted after seven days. */
export const dataExports = pgTable(
  "data_exports",
  {
    ...userRequestColumns(),
    status: text("status", { enum: ["waiting", "running", "ready", "failed"] })
      .notNull()
      .default("waiting"),
    /** The run of the job that may write. A later run replaces it, so that two never mix their bytes. */
    runId: uuid("run_id"),
    stepsDone: integer("steps_done").notNull().default(0),
    /** Zero until the job has counted them. */
    stepsTotal: integer("steps_total").notNull().default(0),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    /** SHA-256 of the token in the emailed link. */
    tokenHash: text("token_hash"),
    expiresAt: at("expires_at"),
  },
  (t) => [
    uniqueIndex("data_exports_open").on(t.userId).where(sql`${t.status} in ('waiting', 'running')`),
    index("data_exports_user").on(t.userId, t.requestedAt),
    index("data_exports_workspace").on(t.workspaceId),
    check("data_exports_status", sql`${t.status} in ('waiting', 'running', 'ready', 'failed')`),
    check(
      "data_exports_ready",
      sql`(${t.status} = 'ready') = (num_nonnulls(${t.sizeBytes}, ${t.tokenHash}, ${t.completedAt}, ${t.expiresAt}) = 4)`,
    ),
  ],
);

/**
 * The bytes of an archive, in order. Large objects would need a transaction, and so a connection, per reader.
 */
export const dataExportChunks = pgTable(
  "data_export_chunks",
  {
    exportId: uuid("export_id")
      .notNull()
      .references(() => dataExports.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.exportId, t.seq] })],
);
