import { eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges } from "#db/schema/billing.ts";

/** A payment with its refunds and disputes, in cents. */
export type ReturnedPayment = {
  paidCents: number;
  refundedCents: number;
  /** The amount withheld by open and lost disputes. */
  disputedCents: number;
};

/**
 * Reads a workspace's refunded or disputed payments, summed by the invoice that they paid.
 * @returns sums by invoice id; null is the key of payments without an invoice
 */
export async function readReturnedPayments(
  tx: Tx,
  workspaceId: string,
): Promise<Map<string | null, ReturnedPayment>> {
  const rows = await tx
    .select({
      invoiceId: charges.invoiceId,
      paidCents: sql<number>`sum(${charges.amountCents})::float8`,
      refundedCents: sql<number>`sum(${charges.refundedCents})::float8`,
      disputedCents: sql<number>`sum(${charges.disputedCents})::float8`,
    })
    .from(charges)
    .where(eq(charges.workspaceId, workspaceId))
    .groupBy(charges.invoiceId)
    .having(sql`sum(${charges.refundedCents} + ${charges.disputedCents}) > 0`);
  return new Map(rows.map(({ invoiceId, ...sums }) => [invoiceId, sums]));
}
