import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { workspaces } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const cents = (name: string) => bigint(name, { mode: "number" });

/**
 * The trial register. Workspace, email address and card can each have one trial ever, which the unique keys
 * enforce. The rows outlive the workspace and contain no personal data: the address is hashed.
 */
export const trials = pgTable(
  "trials",
  {
    /** Stripe's id (sub_...). */
    subscriptionId: text("subscription_id").primaryKey(),
    workspaceId: uuid("workspace_id").notNull(),
    /** SHA-256 of the normalized address. */
    emailHash: text("email_hash").notNull(),
    /** Stripe's fingerprint of the card; the same for all our customers. */
    cardFingerprint: text("card_fingerprint"),
    startedAt: at("started_at").notNull(),
  },
  (t) => [
    uniqueIndex("trials_workspace_key").on(t.workspaceId),
    uniqueIndex("trials_email_key").on(t.emailHash),
    uniqueIndex("trials_card_key").on(t.cardFingerprint),
  ],
);

/** A workspace's overage settings (M16). No row: overage was never enabled. */
export const overageSettings = pgTable(
  "overage_settings",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id),
    enabled: boolean("enabled").notNull(),
    /** The overage limit per period. */
    capMicros: bigint("cap_micros", { mode: "number" }).notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [check("overage_settings_cap", sql`${t.capMicros} >= 0`)],
);

/** The outbox of meter events: written with the usage, sent to Stripe until accepted, once per identifier. */
export const meterEvents = pgTable(
  "meter_events",
  {
    /** Stripe deduplicates by it. */
    identifier: text("identifier").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    stripeCustomerId: text("stripe_customer_id").notNull(),
    /** Whole units of 100 micro-USD. */
    units: bigint("units", { mode: "number" }).notNull(),
    /** The time of use, which decides the billing period. */
    usedAt: at("used_at").notNull(),
    createdAt: at("created_at").notNull(),
    sentAt: at("sent_at"),
    /** Incremented before each attempt, so that an interrupted one counts too. */
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at"),
    lastError: text("last_error"),
  },
  (t) => [
    index("meter_events_waiting").on(t.createdAt).where(sql`${t.sentAt} is null`),
    index("meter_events_workspace").on(t.workspaceId, t.usedAt),
    check("meter_events_units", sql`${t.units} > 0`),
  ],
);

/**
 * Findings for the operator. `reconcile`: differences between Stripe and our rows; `sync`: facts at Stripe
 * that no rule decides; `audit`: money and credit that do not match. One open row per customer and source.
 */
export const billingDrift = pgTable(
  "billing_drift",
  {
    id: uuid("id").primaryKey(),
    stripeCustomerId: text("stripe_customer_id").notNull(),
    workspaceId: uuid("workspace_id").references(() => workspaces.id),
    source: text("source", { enum: ["reconcile", "sync", "audit"] })
      .notNull()
      .default("reconcile"),
    /** A list of `{ what, ours, theirs }`, in text for an operator. */
    differences: jsonb("differences").$type<{ what: string; ours: string; theirs: string }[]>().notNull(),
    foundAt: at("found_at").notNull(),
    fixedAt: at("fixed_at"),
    /** Null when the sweep fixed it. */
    fixedBy: uuid("fixed_by"),
  },
  (t) => [
    uniqueIndex("billing_drift_open").on(t.stripeCustomerId, t.source).where(sql`${t.fixedAt} is null`),
    index("billing_drift_found").on(t.foundAt),
    check("billing_drift_source", sql`${t.source} in ('reconcile', 'sync', 'audit')`),
  ],
);

/** Daily business totals (UTC) for the operator's charts. The current day is overwritten until it ends. */
export const revenueDaily = pgTable("revenue_daily", {
  day: date("day", { mode: "string" }).primaryKey(),
  mrrCents: cents("mrr_cents").notNull(),
  paying: integer("paying").notNull(),
  trialing: integer("trialing").notNull(),
  pastDue: integer("past_due").notNull(),
  started: integer("started").notNull(),
  ended: integer("ended").notNull(),
  failedPayments: integer("failed_payments").notNull(),
  takenAt: at("taken_at").notNull(),
});
