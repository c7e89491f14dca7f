import type { StripeCustomer } from "#lib/gateways/stripe/customers.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type {
  StripeCharge,
  StripeCheckoutSession,
  StripeSubscription,
} from "#lib/gateways/stripe/objects.ts";

/** The next phase of a subscription's schedule. */
export type ScheduledChange = { lookupKey: string | null; startsAt: Date; cardMethodId: string | null };

/**
 * A successful payment, with the id of the invoice that it paid; null when it paid none, or an unknown one.
 */
export type PaidCharge = StripeCharge & { invoiceId: string | null };

/** Everything that billing uses of a Stripe customer, fetched at one moment. */
export type CustomerState = {
  customerId: string;
  deleted: boolean;
  /** Card, address and tax ids; null for a deleted customer. */
  details: StripeCustomer | null;
  /** Those with one of our plans. */
  subscriptions: StripeSubscription[];
  /** Those of other products, and those whose price we do not know: they entitle to nothing here. */
  otherSubscriptions: StripeSubscription[];
  /** The name of each product that such subscriptions bill, by product id. */
  productNames: ReadonlyMap<string, string>;
  /** Without those of other products' subscriptions. */
  invoices: StripeInvoice[];
  /** Ids of the invoices of other products' subscriptions. */
  foreignInvoiceIds: string[];
  /** Checkouts of ours: for plans, top-ups and cards. */
  sessions: StripeCheckoutSession[];
  /** Only payments with a refund or a dispute. */
  charges: PaidCharge[];
  /** All recent successful payments. */
  payments: PaidCharge[];
  /** The next phase of each schedule, by subscription id. */
  scheduled: ReadonlyMap<string, ScheduledChange>;
  /** The amount of each subscription's next invoice in cents, by subscription id; null when none comes. */
  nextPayments: ReadonlyMap<string, number | null>;
  /**
   * What administrators debited the customer's balance by; read only when Stripe credited money for time that
   * nobody paid.
   */
  balanceDebitedCents: number;
  /** Our lookup key of each price by price id; null for a price that is not in our catalog. */
  lookupKeys: ReadonlyMap<string, string | null>;
};

/** A customer's state after trials that must not run were ended. */
export type TrialCheckedState = CustomerState & {
  /** Ids of the subscriptions whose trial was ended because the workspace, email or card has had one. */
  refusedTrials: ReadonlySet<string>;
};
