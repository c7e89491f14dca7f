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

/** A postal address as Stripe stores it; the country is ISO 3166-1 alpha-2. */
export type BillingAddress = {
  line1: string | null;
  line2: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
};
/** A tax id as shown on invoices; the type is Stripe's ("eu_vat"). */
export type BillingTaxId = { id: string; type: string; value: string };

/**
 * The Stripe customer of a workspace; created under a row lock and an idempotency key, so there is one each.
 */
export const billingCustomers = pgTable(
  "billing_customers",
  {
    workspaceId: uuid("workspace_id")
      .primaryKey()
      .references(() => workspaces.id),
    stripeCustomerId: text("stripe_customer_id").notNull(),
    /** The default card, the parts that may be shown. */
    cardBrand: text("card_brand"),
    cardLast4: text("card_last4"),
    cardExpMonth: integer("card_exp_month"),
    cardExpYear: integer("card_exp_year"),
    /** Billing details and tax ids on invoices, as last fetched from Stripe. */
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

/**
 * Customers that a workspace had before its current one: deleted at Stripe and replaced by a later purchase.
 * Refunds and disputes of their payments still concern the workspace.
 */
export const formerCustomers = pgTable(
  "former_customers",
  {
    /** Stripe's id (cus_...). */
    stripeCustomerId: text("stripe_customer_id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    replacedAt: at("replaced_at").notNull(),
  },
  (t) => [index("former_customers_workspace").on(t.workspaceId)],
);

/**
 * Subscriptions as last fetched from Stripe. Plan and entitlements are derived from these rows, never stored.
 */
export const subscriptions = pgTable(
  "subscriptions",
  {
    /** Stripe's id (sub_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    /** The workspace's customer who has it; a replaced customer's subscriptions have ended. */
    stripeCustomerId: text("stripe_customer_id").notNull(),
    status: text("status").notNull(),
    cancelAtPeriodEnd: boolean("cancel_at_period_end").notNull(),
    cancelAt: at("cancel_at"),
    canceledAt: at("canceled_at"),
    endedAt: at("ended_at"),
    trialEndsAt: at("trial_ends_at"),
    pausedAt: at("paused_at"),
    /** What Stripe does with invoices while the operator paused their collection; null when it collects. */
    collectionPause: text("collection_pause"),
    /** When Stripe collects again by itself; null without a date. */
    collectionResumesAt: at("collection_resumes_at"),
    /** Whether Stripe charges the card or sends invoices to be paid by their due date. */
    collectionMethod: text("collection_method").notNull().default("charge_automatically"),
    /** Since when the latest invoice is unpaid; the three days of grace start there (M13). */
    pastDueSince: at("past_due_since"),
    latestInvoiceId: text("latest_invoice_id"),
    /** Until when a change waits for its payment; the plan before the change applies. */
    pendingUntil: at("pending_until"),
    /** The next price of a schedule, and its start. */
    scheduledLookupKey: text("scheduled_lookup_key"),
    scheduledAt: at("scheduled_at"),
    /** The next invoice by Stripe's preview, before tax and overage; null when there is none. */
    nextPaymentCents: cents("next_payment_cents"),
    createdAt: at("created_at").notNull(),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [
    index("subscriptions_workspace").on(t.workspaceId),
    check(
      "subscriptions_collection_pause",
      sql`${t.collectionPause} in ('keep_as_draft', 'mark_uncollectible', 'void')`,
    ),
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
    /** The price's lookup key, by which our catalog finds plan and interval ("pro_month"). */
    lookupKey: text("lookup_key"),
    /** The price per unit and period, before discounts and tax; null for a metered price. */
    unitAmountCents: cents("unit_amount_cents"),
    currency: text("currency").notNull().default("usd"),
    interval: text("interval"),
    /** The product's name at Stripe, for a price that is not in our catalog; null for our own prices. */
    productName: text("product_name"),
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
    /** Until when a sent invoice is to be paid; null for one that is charged automatically. */
    dueAt: at("due_at"),
    createdAt: at("created_at").notNull(),
    paidAt: at("paid_at"),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [index("invoices_workspace").on(t.workspaceId, t.createdAt)],
);

/** The lines of invoices, which link an invoice to the credit that it granted. */
export const invoiceLines = pgTable(
  "invoice_lines",
  {
    /** Stripe's id (il_...). */
    id: text("id").primaryKey(),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id, { onDelete: "cascade" }),
    subscriptionItemId: text("subscription_item_id"),
    /** The price's key in our catalog; null for other prices. */
    lookupKey: text("lookup_key"),
    description: text("description"),
    isProration: boolean("is_proration").notNull(),
    /** Signed: proration credit for unused time is negative. */
    amountCents: cents("amount_cents").notNull(),
    periodStart: at("period_start").notNull(),
    periodEnd: at("period_end").notNull(),
  },
  (t) => [index("invoice_lines_invoice").on(t.invoiceId)],
);

/** Successful payments, with refunds and disputes. */
export const charges = pgTable(
  "charges",
  {
    /** Stripe's id (ch_...). */
    id: text("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    /** Null for a payment without an invoice, or with one older than the invoices we fetch. */
    invoiceId: text("invoice_id"),
    paymentIntentId: text("payment_intent_id"),
    amountCents: cents("amount_cents").notNull(),
    refundedCents: cents("refunded_cents").notNull(),
    /** The amount in open and lost disputes. */
    disputedCents: cents("disputed_cents").notNull(),
    createdAt: at("created_at").notNull(),
    syncedAt: at("synced_at").notNull(),
  },
  (t) => [
    index("charges_workspace").on(t.workspaceId, t.createdAt),
    check("charges_refunded", sql`${t.refundedCents} between 0 and ${t.amountCents}`),
  ],
);

/** The webhook inbox: every event once, committed before the 200 response, done only after success. */
export const stripeEvents = pgTable(
  "stripe_events",
  {
    /** Stripe's id (evt_...). */
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    customerId: text("customer_id"),
    /** The charge of a refund or dispute, whose event does not contain its customer. */
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

/** One open subscription Checkout per workspace, so that there are never two subscriptions. */
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
