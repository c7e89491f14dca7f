import { eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges } from "#db/schema/billing.ts";

/** What was paid, and what of it went back. Money in cents. */
export type ReturnedMoney = {
  paidCents: number;
  refundedCents: number;
  /** What disputes hold at this moment, or have taken for good. */
  disputedCents: number;
};

/**
 * The payments of a workspace of which something went back, by the invoice that they paid.
 * @returns sums by the invoice's id; under null those of payments that paid none
 */
export async function readReturnedMoney(
  tx: Tx,
  workspaceId: string,
): Promise<Map<string | null, ReturnedMoney>> {
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
  return new Map(rows.map(({ invoiceId, ...money }) => [invoiceId, money]));
}
