import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
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

/** A postal address as Stripe keeps it; the country is ISO 3166-1 alpha-2. */
export type BillingAddress = {
  line1: string | null;
  line2: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
};
/** A tax id as it stands on invoices; the type is Stripe's ("eu_vat"). */
export type BillingTaxId = { id: string; type: string; value: string };

/** The Stripe customer of a workspace: one each, created under a row lock and an idempotency key. */
export const billingCustomers = pgTable(
  "billing_customers",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id),
    stripeCustomerId: text("stripe_customer_id").notNull(),
    /** The card that is charged, as much of it as may be shown. */
    cardBrand: text("card_brand"),
    cardLast4: text("card_last4"),
    cardExpMonth: integer("card_exp_month"),
    cardExpYear: integer("card_exp_year"),
    /** Where invoices are addressed to, and the tax ids on them: what Stripe has, as last fetched. */
    invoiceName: text("invoice_name"),
    address: jsonb("address").$type<BillingAddress>(),
    taxIds: jsonb("tax_ids").$type<BillingTaxId[]>().notNull().default([]),
    createdAt: at("created_at").notNull(),
    syncedAt: at("synced_at"),
    deletedAt: at("deleted_at"),
  },
  (t) => [
    uniqueIndex("billing_customers_stripe_key").on(t.stripeCustomerId),
    check(
      "billing_customers_card",
      sql`num_nonnulls(${t.cardBrand}, ${t.cardLast4}, ${t.cardExpMonth}, ${t.cardExpYear}) in (0, 4)`,
    ),
  ],
);

/** Stripe's subscriptions as last fetched. Plan, entitlements and access are derived from these rows, never stored. */
export const subscriptions = pgTable(
  "subscriptions",
  {
    /** Stripe's id (sub_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    status: text("status").notNull(),
    cancelAtPeriodEnd: boolean("cancel_at_period_end").notNull(),
    cancelAt: at("cancel_at"),
    canceledAt: at("canceled_at"),
    endedAt: at("ended_at"),
    trialEndsAt: at("trial_ends_at"),
    pausedAt: at("paused_at"),
    /** Since when the latest invoice could not be paid; the three days of grace count from it (M13). */
    pastDueSince: at("past_due_since"),
    latestInvoiceId: text("latest_invoice_id"),
    /** Until when a change waits for its payment; what runs is what was before it. */
    pendingUntil: at("pending_until"),
    /** The price that a schedule brings next, and when. */
    scheduledLookupKey: text("scheduled_lookup_key"),
    scheduledAt: at("scheduled_at"),
    /** What the next invoice collects, as Stripe previews it: before tax and use beyond credit; null where none comes. */
    nextPaymentCents: cents("next_payment_cents"),
    createdAt: at("created_at").notNull(),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [
    index("subscriptions_workspace").on(t.workspaceId),
    check("subscriptions_scheduled", sql`(${t.scheduledLookupKey} is null) = (${t.scheduledAt} is null)`),
  ],
);

export const subscriptionItems = pgTable(
  "subscription_items",
  {
    /** Stripe's id (si_...). */
    id: text("id").primaryKey(),
    subscriptionId: text("subscription_id")
      .notNull()
      .references(() => subscriptions.id, { onDelete: "cascade" }),
    priceId: text("price_id").notNull(),
    /** The price's lookup key, by which our catalogue knows plan and interval ("pro_month"). */
    lookupKey: text("lookup_key"),
    /** What is paid a period for one of it, before discounts and tax; null where Stripe reckons by use. */
    unitAmountCents: cents("unit_amount_cents"),
    currency: text("currency").notNull().default("usd"),
    interval: text("interval"),
    quantity: integer("quantity").notNull(),
    periodStart: at("period_start").notNull(),
    periodEnd: at("period_end").notNull(),
  },
  (t) => [index("subscription_items_subscription").on(t.subscriptionId)],
);

export const invoices = pgTable(
  "invoices",
  {
    /** Stripe's id (in_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    subscriptionId: text("subscription_id"),
    number: text("number"),
    status: text("status").notNull(),
    billingReason: text("billing_reason"),
    currency: text("currency").notNull(),
    totalCents: cents("total_cents").notNull(),
    amountPaidCents: cents("amount_paid_cents").notNull(),
    amountDueCents: cents("amount_due_cents").notNull(),
    periodStart: at("period_start").notNull(),
    periodEnd: at("period_end").notNull(),
    hostedUrl: text("hosted_url"),
    pdfUrl: text("pdf_url"),
    attemptCount: integer("attempt_count").notNull().default(0),
    nextPaymentAttemptAt: at("next_payment_attempt_at"),
    createdAt: at("created_at").notNull(),
    paidAt: at("paid_at"),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [index("invoices_workspace").on(t.workspaceId, t.createdAt)],
);

/** What an invoice is made of, so that each line can be told down to the answers that its credit paid for. */
export const invoiceLines = pgTable(
  "invoice_lines",
  {
    /** Stripe's id (il_...). */
    id: text("id").primaryKey(),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id, { onDelete: "cascade" }),
    subscriptionItemId: text("subscription_item_id"),
    /** The price's key in our catalogue; null for a line that is not of ours. */
    lookupKey: text("lookup_key"),
    description: text("description"),
    isProration: boolean("is_proration").notNull(),
    /** Signed: what an old plan's unused time gives back is negative. */
    amountCents: cents("amount_cents").notNull(),
    periodStart: at("period_start").notNull(),
    periodEnd: at("period_end").notNull(),
  },
  (t) => [index("invoice_lines_invoice").on(t.invoiceId)],
);

/** Payments that succeeded, and what went back of each. */
export const charges = pgTable(
  "charges",
  {
    /** Stripe's id (ch_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    /** Null for a payment that paid none, or one older than the newest invoices. */
    invoiceId: text("invoice_id"),
    paymentIntentId: text("payment_intent_id"),
    amountCents: cents("amount_cents").notNull(),
    refundedCents: cents("refunded_cents").notNull(),
    /** What disputes hold at this moment, or have taken for good. */
    disputedCents: cents("disputed_cents").notNull(),
    createdAt: at("created_at").notNull(),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [
    index("charges_workspace").on(t.workspaceId, t.createdAt),
    check("charges_refunded", sql`${t.refundedCents} between 0 and ${t.amountCents}`),
  ],
);

/** The inbox: every event, once. Written and committed before Stripe hears 200; done only after success. */
export const stripeEvents = pgTable(
  "stripe_events",
  {
    /** Stripe's id (evt_...). */
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    customerId: text("customer_id"),
    /** Of a refund or a dispute, which does not name its customer. */
    chargeId: text("charge_id"),
    payload: jsonb("payload").notNull(),
    state: text("state", { enum: ["received", "done", "failed"] })
      .notNull()
      .default("received"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    createdAt: at("created_at").notNull(),
    receivedAt: at("received_at").notNull(),
    processedAt: at("processed_at"),
  },
  (t) => [
    index("stripe_events_state").on(t.state, t.receivedAt),
    index("stripe_events_received").on(t.receivedAt),
    check("stripe_events_state_known", sql`${t.state} in ('received', 'done', 'failed')`),
    check("stripe_events_done", sql`(${t.state} = 'done') = (${t.processedAt} is not null)`),
  ],
);

/** One open subscription Checkout a workspace: the lock against two subscriptions, free when it completes or expires. */
export const checkoutSessions = pgTable(
  "checkout_sessions",
  {
    /** Stripe's id (cs_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    mode: text("mode", { enum: ["subscription", "payment"] }).notNull(),
    lookupKey: text("lookup_key").notNull(),
    status: text("status", { enum: ["open", "complete", "expired"] }).notNull(),
    url: text("url"),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [
    uniqueIndex("checkout_sessions_one_open")
      .on(t.workspaceId)
      .where(sql`${t.status} = 'open' and ${t.mode} = 'subscription'`),
    check("checkout_sessions_status", sql`${t.status} in ('open', 'complete', 'expired')`),
  ],
);
