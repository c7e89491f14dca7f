import type { Fraction } from "#lib/billing/audit/fraction.ts";
import type { Interval } from "#lib/billing/catalog/plans.ts";

/** A span of time in milliseconds since 1970; the end is exclusive. */
export type Span = { fromMs: number; toMs: number };

/** A line of an invoice that charges (sign 1) or returns (sign -1) time of one of our plans. */
export type PlanLine = Span & {
  invoiceId: string;
  subscriptionId: string;
  /** The credit of one month and unit, in micro-USD. */
  allowanceMicros: number;
  interval: Interval;
  quantity: number;
  sign: 1 | -1;
  isProration: boolean;
};

/** An invoice as Stripe has it now. */
export type AuditedInvoice = {
  id: string;
  customerId: string;
  subscriptionId: string | null;
  status: string;
  createdMs: number;
  finalizedMs: number | null;
  /** Until when an invoice that was sent is to be paid; null for one that is charged automatically. */
  dueMs: number | null;
  /** Null until it is paid. */
  paidMs: number | null;
  attemptCount: number;
  /** In the currency's smallest unit. */
  total: number;
  currency: string;
  /** The share of the money for our prices that was returned: refunds, disputes and credit notes. */
  returned: Fraction;
  planLines: PlanLine[];
  /** Credit that its lines sell once, in micro-USD. */
  topUpMicros: number;
};

/** A paid top-up without an invoice. */
export type AuditedTopUp = { paymentId: string; micros: number; returned: Fraction };

export type AuditedSubscription = {
  id: string;
  status: string;
  createdMs: number;
  trialEndMs: number | null;
  isPaused: boolean;
  /** Items at a price of one of our plans. */
  items: { plan: string; rank: number; fromMs: number }[];
};

/** Everything that Stripe knows of a workspace's customers, present and former. */
export type StripeFacts = {
  customerIds: string[];
  invoices: AuditedInvoice[];
  topUps: AuditedTopUp[];
  subscriptions: AuditedSubscription[];
  balances: AuditedBalance[];
};

/** The balance of a customer that was not deleted at Stripe. */
export type AuditedBalance = {
  customerId: string;
  /** What administrators debited, such as money credited wrongly, in the currency's smallest unit. */
  debited: number;
};

/** A grant in our ledger; amounts in micro-USD. Grants of the Free plan are not among them. */
export type LedgerGrant = {
  kind: string;
  sourceKey: string;
  amountMicros: number;
  remainingMicros: number;
  spentMicros: number;
  expiredMicros: number;
  takenBackMicros: number;
  startsMs: number;
  expiresMs: number;
};

export type LedgerFacts = {
  grants: LedgerGrant[];
  /** The stored balance, and the sum of the ledger's entries (M4). */
  balanceMicros: number;
  entriesMicros: number;
  /** Whether the operator has an open finding about what no rule decides. */
  hasOpenDecision: boolean;
};

/** What the auditor compares. */
export type FindingKind =
  | "plan_credit"
  | "top_up_credit"
  | "trial_credit"
  | "grace_credit"
  | "plan"
  | "undecided"
  | "ledger";

/** A difference between money and credit, or between the paid and the effective plan, in plain words. */
export type AuditFinding = {
  kind: FindingKind;
  workspaceId: string;
  /** The workspace's present customer at Stripe. */
  customerId: string;
  expected: string;
  actual: string;
  explanation: string;
};
