import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { locales } from "#lib/core/locale.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/**
 * Users. The email address is stored in lower case and is unique; a password is optional (magic link, OAuth).
 */
export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    passwordHash: text("password_hash"),
    emailVerifiedAt: at("email_verified_at"),
    role: text("role", { enum: ["user", "operator"] })
      .notNull()
      .default("user"),
    /** The chosen language of screens and emails; null follows the browser. */
    locale: text("locale", { enum: locales }),
    /** The browser's language at the last sign-in, for emails to users without a chosen language. */
    browserLocale: text("browser_locale", { enum: locales }).notNull().default("en"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("users_email_key").on(t.email),
    check("users_email_lower", sql`${t.email} = lower(${t.email})`),
    check("users_role", sql`${t.role} in ('user', 'operator')`),
    check("users_locale", sql`${t.locale} in ('en', 'de')`),
    check("users_browser_locale", sql`${t.browserLocale} in ('en', 'de')`),
  ],
);

/** The owner of billing, credit, keys and conversations. Each user has exactly one personal workspace. */
export const workspaces = pgTable(
  "workspaces",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** The owner of a personal workspace; null for others. */
    personalUserId: uuid("personal_user_id").references(() => users.id),
    createdAt: at("created_at").notNull(),
    /**
     * When Free's monthly credit begins: later than the creation where an earlier account of the same mailbox
     * had this month's credit. Null: at once.
     */
    freeCreditFrom: at("free_credit_from"),
    /** When the owner asked for the deletion, and when it starts unless it is canceled before. */
    deletionRequestedAt: at("deletion_requested_at"),
    deletionDueAt: at("deletion_due_at"),
    /** Set when the deletion starts: access is refused, and a job continues until it is done. */
    deletionStartedAt: at("deletion_started_at"),
    /** Set when everything but the financial records, which contain no personal data, was deleted. */
    deletedAt: at("deleted_at"),
  },
  (t) => [
    uniqueIndex("workspaces_personal_user_key").on(t.personalUserId),
    index("workspaces_deletion_due")
      .on(t.deletionDueAt)
      .where(sql`${t.deletionDueAt} is not null and ${t.deletionStartedAt} is null`),
    check(
      "workspaces_deletion_request",
      sql`(${t.deletionRequestedAt} is null) = (${t.deletionDueAt} is null)`,
    ),
  ],
);

export const members = pgTable(
  "members",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["member", "admin", "owner"] }).notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.userId] }),
    index("members_user").on(t.userId),
    check("members_role", sql`${t.role} in ('member', 'admin', 'owner')`),
  ],
);

/**
 * A sign-in on one device. The cookie contains its id, which is random; a revoked or expired row ends it at
 * once.
 */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    userAgent: text("user_agent"),
    createdAt: at("created_at").notNull(),
    lastSeenAt: at("last_seen_at").notNull(),
    /** When the session ends unless it is used again: the idle timeout, never later than `endsAt`. */
    expiresAt: at("expires_at").notNull(),
    /** When the session ends however often it is used. */
    endsAt: at("ends_at").notNull(),
    /** The last proof of who the user is: the sign-in, or a later step-up. */
    provedAt: at("proved_at").notNull(),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("sessions_user").on(t.userId)],
);

/** A Google or GitHub account that signs a user in. */
export const oauthAccounts = pgTable(
  "oauth_accounts",
  {
    provider: text("provider").notNull(),
    providerAccountId: text("provider_account_id").notNull(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.provider, t.providerAccountId] }),
    index("oauth_accounts_user").on(t.userId),
  ],
);

/** Single-use links and codes sent by email; only their hashes are stored. */
export const emailTokens = pgTable(
  "email_tokens",
  {
    tokenHash: text("token_hash").primaryKey(),
    purpose: text("purpose", {
      enum: ["magic_link", "reset_password", "verify_email", "prove_identity"],
    }).notNull(),
    email: text("email").notNull(),
    /** Hash of the id of the browser or session that asked; no other can redeem it. Null: not bound. */
    binding: text("binding"),
    /** Hash of the code that can be typed instead of opening the link. */
    codeHash: text("code_hash"),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [
    index("email_tokens_email").on(t.email),
    index("email_tokens_binding").on(t.binding),
    check(
      "email_tokens_purpose",
      sql`${t.purpose} in ('magic_link', 'reset_password', 'verify_email', 'prove_identity')`,
    ),
  ],
);

/** Token buckets of all rate limits: sign-in by email address and network, requests by workspace. */
export const rateBuckets = pgTable("rate_buckets", {
  key: text("key").primaryKey(),
  tokens: integer("tokens").notNull(),
  refilledAt: at("refilled_at").notNull(),
});

/** API keys: only the hash, and a prefix for display. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
    name: text("name").notNull(),
    prefix: text("prefix").notNull(),
    keyHash: text("key_hash").notNull(),
    scopes: text("scopes").array().notNull(),
    /** Limit per calendar month (UTC); null means no limit. */
    budgetMicros: bigint("budget_micros", { mode: "number" }),
    /** Whether a request without `x-parley-cache` may be answered from the response cache. */
    cachesAnswers: boolean("caches_answers").notNull().default(false),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
    lastUsedAt: at("last_used_at"),
  },
  (t) => [uniqueIndex("api_keys_hash_key").on(t.keyHash), index("api_keys_workspace").on(t.workspaceId)],
);

/** The audit log of sign-ins, keys, plans and operator actions. Append-only. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id"),
    actorUserId: uuid("actor_user_id"),
    action: text("action").notNull(),
    target: text("target"),
    data: jsonb("data").notNull().default({}),
    requestId: text("request_id"),
    at: at("at").notNull(),
  },
  (t) => [
    index("audit_log_workspace").on(t.workspaceId, t.at),
    index("audit_log_moderation")
      .on(t.at)
      .where(sql`${t.action} in ('moderation.flagged', 'moderation.blocked')`),
    index("audit_log_actor").on(t.actorUserId, t.at),
    // Failed sign-ins have the account as their target, and no actor.
    index("audit_log_target").on(t.target, t.at).where(sql`${t.actorUserId} is null`),
  ],
);

/** The email outbox: rows are written in the transaction that causes them, once per key. */
export const outgoingMail = pgTable(
  "outgoing_mail",
  {
    id: uuid("id").primaryKey(),
    uniqueKey: text("unique_key").notNull(),
    toAddress: text("to_address").notNull(),
    subject: text("subject").notNull(),
    html: text("html").notNull(),
    text: text("text").notNull(),
    createdAt: at("created_at").notNull(),
    sentAt: at("sent_at"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    /** Set when the last attempt failed. */
    failed: boolean("failed").notNull().default(false),
  },
  (t) => [
    uniqueIndex("outgoing_mail_key").on(t.uniqueKey),
    index("outgoing_mail_recipient").on(t.toAddress, t.createdAt),
  ],
);
