import type Stripe from "stripe";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import { type Recorder, Table } from "#sandbox/stripe/state/table.ts";

/** The behavior of a test card, which the API does not return. */
export type CardOnFile = { id: string; number: string; authenticated: boolean };
export type CollectedDetails = {
  address: Stripe.Address | null;
  phone: string | null;
  customFields: Stripe.Checkout.Session.CustomField[];
  consent: Stripe.Checkout.Session.Consent | null;
};
/** Parameters of a Checkout session that its public object does not contain. */
export type CheckoutOrder = {
  id: string;
  lines: {
    id: string;
    price: string;
    quantity: number;
    /** The bounds within which the buyer may change the quantity. */
    adjustable?: Stripe.LineItem.AdjustableQuantity | null;
  }[];
  /** What the buyer entered besides email and payment method. */
  collected?: CollectedDetails;
  metadata: Record<string, string>;
  description: string | null;
  trialPeriodDays: number | null;
  trialEnd: number | null;
  missingPaymentMethod: "cancel" | "create_invoice" | "pause";
  saveCard: boolean;
  /** Discounts to redeem when the session is paid. */
  discounts: {
    coupon?: string | undefined;
    discount?: string | undefined;
    promotion_code?: string | undefined;
  }[];
  /** Discounts that the completed payment redeemed. */
  redeemedDiscounts: string[];
  shipping: Stripe.PaymentIntent.Shipping | null;
  /** The payment intent of a declined or unfinished attempt; the next attempt reuses it. */
  paymentIntent: string | null;
  /** The setup intent if nothing is due now: in `setup` mode, or at the start of a trial. */
  setupIntent: string | null;
  /** The submitted form while 3-D Secure is pending. */
  waiting: { email: string; name: string; paymentMethod: string } | null;
};
export type PortalLink = { id: string; session: string };
export type Attempt = { at: number; status: number | null; error: string | null; tookMs: number };
export type Delivery = {
  id: string;
  event: string;
  endpoint: string;
  state: "pending" | "succeeded" | "failed" | "dropped";
  attempts: Attempt[];
  /** Wall-clock time of the next attempt in milliseconds; null if there is none. */
  nextAttemptAtMs: number | null;
};
/** When the bank responds to a direct debit; the id is the payment's. */
export type Debit = { id: string; at: number };
export type StoredResponse = {
  id: string;
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
};
export type Setting = { id: string; value: number };
export type Secret = { id: string; secret: string };
export type Tombstone = { id: string; object: string; deleted: true };
/** A marker for something that the public object has no field for. */
export type Mark = { id: string };
/** A subscription change that is applied when an invoice is paid; the id is the invoice's. */
export type PendingChange = {
  id: string;
  subscription: string;
  kind: "update" | "resume";
  patch: Partial<Stripe.Subscription>;
  /** Metered items whose count starts when the change is applied. */
  countsAnew: string[];
  expiresAt: number;
};
/** Settings that Stripe has in its dashboard. */
export type AccountSettings = { id: "account"; afterLastRetry: "cancel" | "unpaid" | "past_due" };
/** The start of a metered item's count, if it is later than its period's start. */
export type CountingSince = { id: string; at: number };
/** A recorded meter event; the id is its identifier. */
export type MeterRecord = {
  id: string;
  event: Stripe.Billing.MeterEvent;
  meter: string;
  customer: string;
  value: number;
  isCanceled: boolean;
};
/** The tiers of a price, stored separately because Stripe returns them only when expanded. */
export type PriceTiers = { id: string; tiers: Stripe.Price.Tier[] };

/** A price's amounts in other currencies, which Stripe returns only when expanded. */
export type PriceCurrencies = { id: string; options: Record<string, Stripe.Price.CurrencyOptions> };

/** What a payment link sells; the id is the link's. */
export type PaymentLinkOrder = {
  id: string;
  lines: { price: string; quantity: number; adjustable: Stripe.LineItem.AdjustableQuantity | null }[];
  options: Partial<Stripe.Checkout.Session>;
  plan: {
    description?: string | undefined;
    metadata?: Record<string, string> | null | undefined;
    trial_period_days?: number | undefined;
  } | null;
};
/** The assignment of a feature to a product. */
export type ProductFeatureRow = { id: string; product: string; feature: string };
/** The entitlements of a customer that were announced last. */
export type EntitlementMark = { id: string; value: string };

/** A coupon's products and amounts per currency, which Stripe returns only when expanded. */
export type CouponScope = { id: string; products: string[] | null; amountsOff: Record<string, number> };
/** The terms of a discount at the time of redemption; the id is the discount's. */
export type DiscountTerms = CouponScope & {
  duration: Stripe.Coupon.Duration;
  percentOff: number | null;
  /** When the discount ends; null if it does not end by time. */
  endsAt: number | null;
};

/** Opens all tables: Stripe's objects with the SDK's types, then internal data. */
export function openTables(record: Recorder) {
  return {
    products: new Table<Stripe.Product>("products", record),
    prices: new Table<Stripe.Price>("prices", record),
    priceTiers: new Table<PriceTiers>("priceTiers", record),
    priceCurrencies: new Table<PriceCurrencies>("priceCurrencies", record),
    features: new Table<Stripe.Entitlements.Feature>("features", record),
    productFeatures: new Table<ProductFeatureRow>("productFeatures", record, (row) => row.product),
    entitlementMarks: new Table<EntitlementMark>("entitlementMarks", record),
    fraudWarnings: new Table<Stripe.Radar.EarlyFraudWarning>("fraudWarnings", record),
    paymentLinks: new Table<Stripe.PaymentLink>("paymentLinks", record),
    paymentLinkOrders: new Table<PaymentLinkOrder>("paymentLinkOrders", record),
    meters: new Table<Stripe.Billing.Meter>("meters", record),
    meterRecords: new Table<MeterRecord>("meterRecords", record, (row) => `${row.meter}/${row.customer}`),
    coupons: new Table<Stripe.Coupon>("coupons", record),
    couponScopes: new Table<CouponScope>("couponScopes", record),
    promotionCodes: new Table<Stripe.PromotionCode>("promotionCodes", record),
    discounts: new Table<Stripe.Discount | Stripe.DeletedDiscount>("discounts", record),
    discountTerms: new Table<DiscountTerms>("discountTerms", record),
    customers: new Table<Stripe.Customer>("customers", record),
    customerBalanceTransactions: new Table<Stripe.CustomerBalanceTransaction>(
      "customerBalanceTransactions",
      record,
      (row) => idOf(row.customer),
    ),
    taxIds: new Table<Stripe.TaxId>("taxIds", record, (row) => idOf(row.customer ?? "")),
    paymentMethods: new Table<Stripe.PaymentMethod>("paymentMethods", record),
    paymentIntents: new Table<Stripe.PaymentIntent>("paymentIntents", record),
    charges: new Table<Stripe.Charge>("charges", record),
    refunds: new Table<Stripe.Refund>("refunds", record),
    setupIntents: new Table<Stripe.SetupIntent>("setupIntents", record),
    setupAttempts: new Table<Stripe.SetupAttempt>("setupAttempts", record),
    disputes: new Table<Stripe.Dispute>("disputes", record, (row) => idOf(row.charge)),
    balanceTransactions: new Table<Stripe.BalanceTransaction>("balanceTransactions", record),
    subscriptions: new Table<Stripe.Subscription>("subscriptions", record),
    subscriptionSchedules: new Table<Stripe.SubscriptionSchedule>("subscriptionSchedules", record),
    pendingChanges: new Table<PendingChange>("pendingChanges", record, (row) => row.subscription),
    accountSettings: new Table<AccountSettings>("accountSettings", record),
    countingSince: new Table<CountingSince>("countingSince", record),
    invoices: new Table<Stripe.Invoice>("invoices", record),
    invoiceItems: new Table<Stripe.InvoiceItem>("invoiceItems", record, (row) => idOf(row.customer)),
    invoicePayments: new Table<Stripe.InvoicePayment>("invoicePayments", record, (row) => idOf(row.invoice)),
    creditNotes: new Table<Stripe.CreditNote>("creditNotes", record, (row) => idOf(row.invoice)),
    checkoutSessions: new Table<Stripe.Checkout.Session>("checkoutSessions", record),
    portalSessions: new Table<Stripe.BillingPortal.Session>("portalSessions", record),
    portalConfigurations: new Table<Stripe.BillingPortal.Configuration>("portalConfigurations", record),
    webhookEndpoints: new Table<Stripe.WebhookEndpoint>("webhookEndpoints", record),
    eventDestinations: new Table<Stripe.V2.Core.EventDestination>("eventDestinations", record),
    testClocks: new Table<Stripe.TestHelpers.TestClock>("testClocks", record),
    events: new Table<Stripe.EventBase>("events", record),
    cards: new Table<CardOnFile>("cards", record),
    checkoutOrders: new Table<CheckoutOrder>("checkoutOrders", record),
    cashBalanceTransactions: new Table<Stripe.CustomerCashBalanceTransaction>(
      "cashBalanceTransactions",
      record,
      (row) => idOf(row.customer),
    ),
    debits: new Table<Debit>("debits", record),
    portalDoors: new Table<PortalLink>("portalDoors", record),
    endpointSecrets: new Table<Secret>("endpointSecrets", record),
    deliveries: new Table<Delivery>("deliveries", record, (row) => row.event),
    storedResponses: new Table<StoredResponse>("keptAnswers", record),
    tombstones: new Table<Tombstone>("tombstones", record),
    marks: new Table<Mark>("marks", record),
    settings: new Table<Setting>("settings", record),
  };
}

export type Tables = ReturnType<typeof openTables>;
