import { and, eq, isNull } from "drizzle-orm";
import { db } from "#db/client.ts";
import { members } from "#db/schema/accounts.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { setLocale } from "#lib/accounts/users.ts";
import type { Locale } from "#lib/core/locale.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Chooses the language of a user's screens and emails, and of the invoices of the workspaces that the user
 * owns: the sync of their customers passes it to Stripe.
 * @param locale null follows the browser
 */
export async function changeLocale(userId: string, locale: Locale | null): Promise<void> {
  await db().transaction(async (tx) => {
    await setLocale(tx, userId, locale);
    const customers = await tx
      .select({ customerId: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .innerJoin(members, eq(members.workspaceId, billingCustomers.workspaceId))
      .where(and(eq(members.userId, userId), eq(members.role, "owner"), isNull(billingCustomers.deletedAt)));
    for (const { customerId } of customers)
      await enqueue(tx, "billing.sync", { customerId }, { uniqueKey: customerId });
  });
}
