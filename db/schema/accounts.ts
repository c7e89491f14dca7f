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

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** People. The e-mail address is stored in lower case and is unique; a password is optional (magic link, OAuth). */
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
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("users_email_key").on(t.email),
    check("users_email_lower", sql`${t.email} = lower(${t.email})`),
    check("users_role", sql`${t.role} in ('user', 'operator')`),
  ],
);

/** The owner of billing, credit, keys and conversations. Each user has exactly one personal workspace. */
export const workspaces = pgTable(
  "workspaces",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** Set for a personal workspace alone: whose it is. */
    personalUserId: uuid("personal_user_id").references(() => users.id),
    createdAt: at("created_at").notNull(),
    /** Since when its deletion is under way: nobody enters it any more, and a job goes on until it is done. */
    deletionStartedAt: at("deletion_started_at"),
    /** When the last of it was gone but the books, which hold no person. */
    deletedAt: at("deleted_at"),
  },
  (t) => [uniqueIndex("workspaces_personal_user_key").on(t.personalUserId)],
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

/** A sign-in on one device. The cookie names it; a revoked or expired row ends it at once. */
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
    expiresAt: at("expires_at").notNull(),
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

/** Links sent by mail: only the hash is stored, each works once. */
export const emailTokens = pgTable(
  "email_tokens",
  {
    tokenHash: text("token_hash").primaryKey(),
    purpose: text("purpose", { enum: ["magic_link", "reset_password", "verify_email"] }).notNull(),
    email: text("email").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [
    index("email_tokens_email").on(t.email),
    check("email_tokens_purpose", sql`${t.purpose} in ('magic_link', 'reset_password', 'verify_email')`),
  ],
);

/** Token buckets for every rate limit: sign-in by address and by network, requests by workspace. */
export const rateBuckets = pgTable("rate_buckets", {
  key: text("key").primaryKey(),
  tokens: integer("tokens").notNull(),
  refilledAt: at("refilled_at").notNull(),
});

/** Keys of the public API: the hash alone, and a prefix to recognise it by. */
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
    /** Spent at most in one calendar month (UTC); null means no limit of its own. */
    budgetMicros: bigint("budget_micros", { mode: "number" }),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
    lastUsedAt: at("last_used_at"),
  },
  (t) => [uniqueIndex("api_keys_hash_key").on(t.keyHash), index("api_keys_workspace").on(t.workspaceId)],
);

/** Who did what, for every sign-in, key, plan and operator action. Append-only. */
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
  (t) => [index("audit_log_workspace").on(t.workspaceId, t.at)],
);

/** Letters to send: written in the transaction that caused them, once a key. */
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
    /** Given up for good after the last attempt. */
    failed: boolean("failed").notNull().default(false),
  },
  (t) => [uniqueIndex("outgoing_mail_key").on(t.uniqueKey)],
);
