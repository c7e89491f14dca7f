import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { workspaces } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** The last check of each upstream. One row per upstream of the model catalog. */
export const upstreamHealth = pgTable(
  "upstream_health",
  {
    upstream: text("upstream").primaryKey(),
    /** When the next check is due. The process that moves it forward does the check. */
    nextCheckAt: at("next_check_at").notNull(),
    checkedAt: at("checked_at"),
    /** How long the last successful check took. */
    latencyMs: integer("latency_ms"),
    /** False if the upstream does not list its models, so that no model is missing from its list. */
    listsModels: boolean("lists_models"),
    /** Failed checks since the last successful one or the last answer. */
    failures: integer("failures").notNull().default(0),
    /** Why none of its models can be used; null while it works. */
    outage: text("outage", { enum: ["unreachable", "key"] }),
    /** When the outage began, or ended. */
    since: at("since"),
    lastError: text("last_error"),
    lastErrorAt: at("last_error_at"),
    /** The last answer of one of its models after a failed check. */
    answeredAt: at("answered_at"),
  },
  (t) => [check("upstream_health_outage", sql`${t.outage} in ('unreachable', 'key')`)],
);

/** Models that their upstream refuses or does not list. */
export const modelOutages = pgTable(
  "model_outages",
  {
    upstream: text("upstream").notNull(),
    /** The upstream's name for the model. */
    model: text("model").notNull(),
    reason: text("reason", { enum: ["key", "credit", "refused", "unlisted"] }).notNull(),
    since: at("since").notNull(),
    /** When calls are sent again; null for a model that is missing from its upstream's list. */
    endsAt: at("ends_at"),
    /** The last answer of a model that is missing from its upstream's list: it is available all the same. */
    answeredAt: at("answered_at"),
    lastError: text("last_error").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.upstream, t.model] }),
    check("model_outages_reason", sql`${t.reason} in ('key', 'credit', 'refused', 'unlisted')`),
    check("model_outages_end", sql`(${t.reason} = 'unlisted') = (${t.endsAt} is null)`),
  ],
);

/** Settings that an operator changes while the app runs; the module that reads one checks its value. */
export const operatorSettings = pgTable("operator_settings", {
  name: text("name").primaryKey(),
  value: jsonb("value").notNull(),
  changedAt: at("changed_at").notNull(),
  changedBy: uuid("changed_by").notNull(),
});

/** Answers of the public API that a customer let us keep for equal requests, encrypted. */
export const responseCache = pgTable(
  "response_cache",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    /** The hash of everything that influences the answer. */
    key: text("key").notNull(),
    answer: text("answer").notNull(),
    bytes: integer("bytes").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.key] }), index("response_cache_expires").on(t.expiresAt)],
);
