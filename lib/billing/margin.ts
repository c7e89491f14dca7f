import { sql } from "drizzle-orm";
import { fromCents } from "#lib/ground/money.ts";

type Books = { paidCents: number; returnedCents: number; costMicros: number };

/** What is left of what was paid, once what went back and what the models cost is off it (M8). In micro-USD, may be negative. */
export function marginOf({ paidCents, returnedCents, costMicros }: Books): number {
  return fromCents(paidCents - returnedCents) - costMicros;
}

/**
 * Payments before tax, and what went back of them: tax is a tenth or a fifth of a payment that is only passed on, so each
 * counts for the share of its invoice that is none.
 */
export const untaxedCharges = sql`select c.workspace_id, c.created_at, c.amount_cents * s.share as paid,
    least(c.amount_cents, c.refunded_cents + c.disputed_cents) * s.share as returned
  from charges c left join invoices i on i.id = c.invoice_id left join invoice_lines t on t.id = i.id || ':tax'
    cross join lateral (select 1 - coalesce(t.amount_cents::numeric / nullif(i.total_cents, 0), 0) as share) s`;
