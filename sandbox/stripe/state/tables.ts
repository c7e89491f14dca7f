import type Stripe from "stripe";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import { type Recorder, Table } from "#sandbox/stripe/state/table.ts";

/** What the card network knows of a card and Stripe never shows: how it will behave. */
export type CardOnFile = { id: string; number: string; authenticated: boolean };
/** What a Checkout session was asked for, beyond what its public object shows. */
export type CheckoutOrder = {
  id: string;
  lines: { id: string; price: string; quantity: number }[];
  metadata: Record<string, string>;
  description: string | null;
  trialPeriodDays: number | null;
  trialEnd: number | null;
  missingPaymentMethod: "cancel" | "create_invoice" | "pause";
  saveCard: boolean;
  /** What is to be redeemed when it is paid. */
  discounts: {
    coupon?: string | undefined;
    discount?: string | undefined;
    promotion_code?: string | undefined;
  }[];
  shipping: Stripe.PaymentIntent.Shipping | null;
  /** The payment that a declined or unfinished attempt left behind; the next attempt goes on with it. */
  paymentIntent: string | null;
  /** The set-up of the card, where nothing is due now: in `setup` mode, or at the start of a trial. */
  setupIntent: string | null;
  /** What the person filled in, while their bank asks them to authenticate. */
  waiting: { email: string; name: string; paymentMethod: string } | null;
};
export type PortalDoor = { id: string; session: string };
export type Attempt = { at: number; status: number | null; error: string | null; tookMs: number };
export type Delivery = {
  id: string;
  event: string;
  endpoint: string;
  state: "pending" | "succeeded" | "failed" | "dropped";
  attempts: Attempt[];
  /** Wall-clock milliseconds of the next attempt; null when there will be none. */
  nextAttemptAtMs: number | null;
};
/** When the bank answers a direct debit; the id is the payment's. */
export type Debit = { id: string; at: number };
export type KeptAnswer = { id: string; fingerprint: string; status: number; body: string; requestId: string };
export type Setting = { id: string; value: number };
export type Secret = { id: string; secret: string };
export type Tombstone = { id: string; object: string; deleted: true };
/** A note that something was done which the public object has no field for. */
export type Mark = { id: string };
/** A change of a subscription that comes about once an invoice is paid; its id is the invoice's. */
export type PendingChange = {
  id: string;
  subscription: string;
  kind: "update" | "resume";
  patch: Partial<Stripe.Subscription>;
  /** Metered items that count from the moment the change comes about. */
  countsAnew: string[];
  expiresAt: number;
};
/** What Stripe has in its dashboard's settings. */
export type AccountSettings = { id: "account"; afterLastRetry: "cancel" | "unpaid" | "past_due" };
/** Since when a metered subscription item counts, where that is later than its period's start. */
export type CountingSince = { id: string; at: number };
/** A use that a meter took down; its id is the identifier it was reported under. */
export type MeterRecord = {
  id: string;
  event: Stripe.Billing.MeterEvent;
  meter: string;
  customer: string;
  value: number;
  isCanceled: boolean;
};
/** The tiers of a price, apart from it, since Stripe shows them only when asked. */
export type PriceTiers = { id: string; tiers: Stripe.Price.Tier[] };

/** What a coupon is limited to and takes off by currency, apart from it, since Stripe shows that only when asked. */
export type CouponScope = { id: string; products: string[] | null; amountsOff: Record<string, number> };
/** What a discount takes off, as its coupon said when it was redeemed; the id is the discount's. */
export type DiscountTerms = CouponScope & {
  duration: Stripe.Coupon.Duration;
  percentOff: number | null;
  /** When it ends; null when time does not end it. */
  endsAt: number | null;
};

/** Every table of the sandbox: Stripe's objects as the SDK types them, then what Stripe keeps to itself. */
export function openTables(record: Recorder) {
  return {
    products: new Table<Stripe.Product>("products", record),
    prices: new Table<Stripe.Price>("prices", record),
    priceTiers: new Table<PriceTiers>("priceTiers", record),
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
    portalDoors: new Table<PortalDoor>("portalDoors", record),
    endpointSecrets: new Table<Secret>("endpointSecrets", record),
    deliveries: new Table<Delivery>("deliveries", record, (row) => row.event),
    keptAnswers: new Table<KeptAnswer>("keptAnswers", record),
    tombstones: new Table<Tombstone>("tombstones", record),
    marks: new Table<Mark>("marks", record),
    settings: new Table<Setting>("settings", record),
  };
}

export type Tables = ReturnType<typeof openTables>;
