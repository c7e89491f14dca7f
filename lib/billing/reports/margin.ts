import { sql } from "drizzle-orm";
import { fromCents } from "#lib/core/money.ts";

type MarginInput = { paidCents: number; returnedCents: number; costMicros: number };

/** Returns payments less refunds, disputes and model cost (M8), in micro-USD. May be negative. Pure. */
export function marginOf({ paidCents, returnedCents, costMicros }: MarginInput): number {
  return fromCents(paidCents - returnedCents) - costMicros;
}

/**
 * The SQL for payments, refunds and disputes in USD before tax: each amount times the untaxed share of its
 * invoice.
 */
export const chargesBeforeTax = sql`select c.workspace_id, c.created_at, c.amount_cents * s.share as paid,
    least(c.amount_cents, c.refunded_cents + c.disputed_cents) * s.share as returned
  from charges c left join invoices i on i.id = c.invoice_id left join invoice_lines t on t.id = i.id || ':tax'
    cross join lateral (select 1 - coalesce(t.amount_cents::numeric / nullif(i.total_cents, 0), 0) as share) s
  where coalesce(i.currency, 'usd') = 'usd'`;
