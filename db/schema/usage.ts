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
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { apiKeys, users, workspaces } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const micros = (name: string) => bigint(name, { mode: "number" });
const workspaceId = () =>
  uuid("workspace_id")
    .notNull()
    .references(() => workspaces.id);

/**
 * Granted credit (M1). Invariant (M4): amount = remaining + spent + expired + taken back. Only refunds and
 * disputes make the remaining amount negative (M18).
 */
export const grants = pgTable(
  "grants",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    kind: text("kind", { enum: ["allowance", "trial", "grace", "top_up", "manual", "restored"] }).notNull(),
    amountMicros: micros("amount_micros").notNull(),
    remainingMicros: micros("remaining_micros").notNull(),
    spentMicros: micros("spent_micros").notNull().default(0),
    expiredMicros: micros("expired_micros").notNull().default(0),
    takenBackMicros: micros("taken_back_micros").notNull().default(0),
    startsAt: at("starts_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    /** The business key that makes a grant unique: "free:2026-11-03", "invoice:in_...", "payment:pi_...". */
    sourceKey: text("source_key").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    unique("grants_source_key").on(t.workspaceId, t.sourceKey),
    index("grants_running").on(t.workspaceId, t.expiresAt),
    check("grants_amount", sql`${t.amountMicros} > 0`),
    check(
      "grants_sum",
      sql`${t.amountMicros} = ${t.remainingMicros} + ${t.spentMicros} + ${t.expiredMicros} + ${t.takenBackMicros}`,
    ),
    check(
      "grants_parts",
      sql`${t.spentMicros} >= 0 and ${t.expiredMicros} >= 0 and ${t.takenBackMicros} >= 0`,
    ),
    check("grants_remaining", sql`${t.remainingMicros} >= 0 or ${t.takenBackMicros} > 0`),
    check("grants_taken_back", sql`${t.takenBackMicros} <= ${t.amountMicros}`),
    check("grants_period", sql`${t.expiresAt} > ${t.startsAt}`),
    check("grants_kind", sql`${t.kind} in ('allowance', 'trial', 'grace', 'top_up', 'manual', 'restored')`),
  ],
);

/**
 * One row per workspace: the sum of its ledger entries and of its open holds. Every change of credit locks
 * it.
 */
export const balances = pgTable(
  "balances",
  {
    workspaceId: workspaceId().primaryKey(),
    balanceMicros: micros("balance_micros").notNull().default(0),
    heldMicros: micros("held_micros").notNull().default(0),
  },
  (t) => [check("balances_held", sql`${t.heldMicros} >= 0`)],
);

/**
 * The overage that may be used within one period, and how much was used (M16). Billing opens the window for a
 * paid plan in good standing and sets its cap. At most one window contains any moment.
 */
export const overageWindows = pgTable(
  "overage_windows",
  {
    workspaceId: workspaceId(),
    startsAt: at("starts_at").notNull(),
    endsAt: at("ends_at").notNull(),
    /** Zero refuses new holds; open holds continue. */
    capMicros: micros("cap_micros").notNull(),
    usedMicros: micros("used_micros").notNull().default(0),
    /** What was reported to Stripe, in whole units; the remainder is carried over. */
    reportedMicros: micros("reported_micros").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.startsAt] }),
    check("overage_windows_period", sql`${t.endsAt} > ${t.startsAt}`),
    check("overage_windows_cap", sql`${t.capMicros} >= 0`),
    check("overage_windows_reported", sql`${t.reportedMicros} between 0 and ${t.usedMicros}`),
  ],
);

/**
 * Reached shares of an allowance or a cap (M17), written by the settlement that reached them, once per
 * period. `toldAt` is set when the email was queued or is no longer needed.
 */
export const usageWarnings = pgTable(
  "usage_warnings",
  {
    workspaceId: workspaceId(),
    subject: text("subject", { enum: ["allowance", "overage"] }).notNull(),
    /** Identifies the period: the end of an allowance, the start of an overage window. */
    periodAt: at("period_at").notNull(),
    percent: integer("percent").notNull(),
    usedMicros: micros("used_micros").notNull(),
    limitMicros: micros("limit_micros").notNull(),
    reachedAt: at("reached_at").notNull(),
    toldAt: at("told_at"),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.subject, t.periodAt, t.percent] }),
    index("usage_warnings_waiting").on(t.reachedAt).where(sql`${t.toldAt} is null`),
    check("usage_warnings_subject", sql`${t.subject} in ('allowance', 'overage')`),
    check("usage_warnings_percent", sql`${t.percent} in (50, 80, 100)`),
  ],
);

/** A hold for a generation or API request (M5): held, then settled or released exactly once. */
export const holds = pgTable(
  "holds",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    /** The id of the generation or API request; each has one hold. */
    subjectId: uuid("subject_id").notNull(),
    subjectKind: text("subject_kind", { enum: ["generation", "request"] }).notNull(),
    /** The API key whose budget it counts against; null for the chat in the browser. */
    apiKeyId: uuid("api_key_id").references(() => apiKeys.id, { onDelete: "set null" }),
    model: text("model").notNull(),
    amountMicros: micros("amount_micros").notNull(),
    /** The part that credit does not cover, reserved of the cap of its overage window (M16). */
    overageMicros: micros("overage_micros").notNull().default(0),
    /** The price list of the moment the hold was taken (M6), as `{ price: Rates, cost: Rates }`. */
    rates: jsonb("rates").notNull(),
    state: text("state", { enum: ["held", "settled", "released"] })
      .notNull()
      .default("held"),
    chargedMicros: micros("charged_micros"),
    takenAt: at("taken_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    endedAt: at("ended_at"),
  },
  (t) => [
    unique("holds_subject_key").on(t.subjectKind, t.subjectId),
    index("holds_open").on(t.expiresAt).where(sql`${t.state} = 'held'`),
    index("holds_workspace_open").on(t.workspaceId).where(sql`${t.state} = 'held'`),
    check("holds_amount", sql`${t.amountMicros} >= 0`),
    check("holds_overage", sql`${t.overageMicros} between 0 and ${t.amountMicros}`),
    check("holds_state", sql`${t.state} in ('held', 'settled', 'released')`),
    check(
      "holds_ended",
      sql`(${t.state} = 'held') = (${t.endedAt} is null) and (${t.state} = 'settled') = (${t.chargedMicros} is not null)`,
    ),
  ],
);

/** The append-only ledger (M4): a workspace's balance is the sum of its entries. */
export const ledgerEntries = pgTable(
  "ledger_entries",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: workspaceId(),
    kind: text("kind", {
      enum: ["grant", "spend", "expire", "take_back", "restore", "overrun", "loss", "overage"],
    }).notNull(),
    /**
     * Signed: added credit is positive. An uncovered overrun is paired with a loss (M7), and spending beyond
     * all grants with the overage that lends it (M16), so that each pair sums to zero.
     */
    amountMicros: micros("amount_micros").notNull(),
    grantId: uuid("grant_id").references(() => grants.id),
    holdId: uuid("hold_id").references(() => holds.id),
    /** The cause; unique with kind and grant, so that an entry is written once. */
    source: text("source").notNull(),
    at: at("at").notNull(),
  },
  (t) => [
    unique("ledger_entries_source_key").on(t.workspaceId, t.kind, t.source, t.grantId).nullsNotDistinct(),
    index("ledger_entries_workspace").on(t.workspaceId, t.id),
    index("ledger_entries_grant").on(t.grantId),
    check(
      "ledger_entries_kind",
      sql`${t.kind} in ('grant', 'spend', 'expire', 'take_back', 'restore', 'overrun', 'loss', 'overage')`,
    ),
  ],
);

/** The request log: every call to a model with tokens, cost and charge. */
export const openaiInteractions = pgTable(
  "openai_interactions",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "set null" }),
    apiKeyId: uuid("api_key_id").references(() => apiKeys.id, { onDelete: "set null" }),
    /** The hold that paid for it; null for calls that we pay (titles). */
    holdId: uuid("hold_id").references(() => holds.id),
    purpose: text("purpose", { enum: ["chat", "api", "title", "embedding"] }).notNull(),
    model: text("model").notNull(),
    upstream: text("upstream").notNull(),
    promptTokens: integer("prompt_tokens").notNull(),
    cachedTokens: integer("cached_tokens").notNull().default(0),
    completionTokens: integer("completion_tokens").notNull(),
    /** True when the upstream reported no usage and we counted the tokens (M6). */
    estimated: boolean("estimated").notNull().default(false),
    costMicros: micros("cost_micros").notNull(),
    chargedMicros: micros("charged_micros").notNull(),
    lossMicros: micros("loss_micros").notNull().default(0),
    firstTokenMs: integer("first_token_ms"),
    durationMs: integer("duration_ms").notNull(),
    outcome: text("outcome").notNull(),
    errorCode: text("error_code"),
    requestId: text("request_id"),
    /** The conversation of a call that has no hold (titles); the rows of answers are found by their hold. */
    conversationId: uuid("conversation_id"),
    /** Retained only as LOG_CONTENT allows; null otherwise. */
    prompt: text("prompt"),
    answer: text("answer"),
    at: at("at").notNull(),
  },
  (t) => [
    index("openai_interactions_workspace").on(t.workspaceId, t.at),
    index("openai_interactions_at").on(t.at),
    index("openai_interactions_conversation")
      .on(t.conversationId)
      .where(sql`${t.conversationId} is not null`),
    unique("openai_interactions_hold_key").on(t.holdId),
  ],
);

/** Totals by day (UTC), model and API key, updated by each settlement for the usage page. */
export const usageDaily = pgTable(
  "usage_daily",
  {
    workspaceId: workspaceId(),
    day: date("day", { mode: "string" }).notNull(),
    model: text("model").notNull(),
    /** The API key's id, or the zero UUID for chat in the browser. */
    apiKeyId: uuid("api_key_id").notNull(),
    requests: integer("requests").notNull(),
    promptTokens: bigint("prompt_tokens", { mode: "number" }).notNull(),
    completionTokens: bigint("completion_tokens", { mode: "number" }).notNull(),
    costMicros: micros("cost_micros").notNull(),
    chargedMicros: micros("charged_micros").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.day, t.model, t.apiKeyId] })],
);
