import {
  bigint,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { users } from "#db/schema/accounts.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/**
 * A sign-in that still needs its second factor. The cookie contains its id, as it does of a session, but
 * nothing accepts it as one, because `sessions` has no such row.
 */
export const pendingSignIns = pgTable(
  "pending_sign_ins",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    method: text("method").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [index("pending_sign_ins_user").on(t.userId)],
);

/** The authenticator app (TOTP) of a user; at most one. */
export const totpFactors = pgTable("totp_factors", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Encrypted with a key derived from AUTH_SECRET. */
  encryptedSecret: text("encrypted_secret").notNull(),
  createdAt: at("created_at").notNull(),
  /** Set by the first correct code; a factor without it is not asked for. */
  confirmedAt: at("confirmed_at"),
  /** The 30-second step of the last accepted code; no code of it or of an earlier one is accepted again. */
  lastUsedStep: integer("last_used_step"),
});

/** Single-use codes for users without their second factor; hashed with argon2id and the set's salt. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    codeHash: text("code_hash").notNull(),
    salt: text("salt").notNull(),
    createdAt: at("created_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [primaryKey({ columns: [t.userId, t.codeHash] })],
);

/** Passkeys (WebAuthn credentials): they sign in alone, or are the second factor of another sign-in. */
export const passkeys = pgTable(
  "passkeys",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    credentialId: text("credential_id").notNull(),
    /** COSE key, encoded as base64url. */
    publicKey: text("public_key").notNull(),
    counter: bigint("counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    name: text("name").notNull(),
    createdAt: at("created_at").notNull(),
    lastUsedAt: at("last_used_at"),
  },
  (t) => [uniqueIndex("passkeys_credential_key").on(t.credentialId), index("passkeys_user").on(t.userId)],
);

/** The challenge that a browser or session has to sign with a passkey next; deleted when it is used. */
export const passkeyChallenges = pgTable(
  "passkey_challenges",
  {
    /** Hash of the id of the browser, session or pending sign-in that asked. */
    binding: text("binding").notNull(),
    purpose: text("purpose", { enum: ["register", "authenticate"] }).notNull(),
    challenge: text("challenge").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.binding, t.purpose] })],
);

/** Browsers in which a user has signed in, by the hash of their cookie. */
export const knownDevices = pgTable(
  "known_devices",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    deviceHash: text("device_hash").notNull(),
    createdAt: at("created_at").notNull(),
    lastUsedAt: at("last_used_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.deviceHash] })],
);

/** Mailboxes of deleted accounts, so that Free's monthly credit does not come twice in a month. */
export const freeCreditRegister = pgTable("free_credit_register", {
  mailboxHash: text("mailbox_hash").primaryKey(),
  /** When the month ends whose credit the deleted account could have spent. */
  usedUntil: at("used_until").notNull(),
});
