import { integer, timestamp, uuid } from "drizzle-orm/pg-core";
import { users, workspaces } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** The columns of something that a user requests of a job: an archive of the data, an import of chats. */
export const userRequestColumns = () => ({
  id: uuid("id").primaryKey(),
  workspaceId: uuid("workspace_id")
    .notNull()
    .references(() => workspaces.id),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Of the job. */
  attempts: integer("attempts").notNull().default(0),
  requestedAt: at("requested_at").notNull(),
  completedAt: at("completed_at"),
});
