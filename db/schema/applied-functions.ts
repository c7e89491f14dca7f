import { pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** The SQL functions of db/functions that were applied to this database, with the hash of their text. */
export const appliedFunctions = pgTable("applied_functions", {
  name: text("name").primaryKey(),
  hash: text("hash").notNull(),
  appliedAt: timestamp("applied_at", { withTimezone: true, mode: "date", precision: 3 }).notNull(),
});
