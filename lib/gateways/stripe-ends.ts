import { ask, askFor, stripe, stripeErrorOf } from "#lib/gateways/stripe-client.ts";

/**
 * Ends a subscription at once. What was used beyond the plan is billed; what was paid for is not paid back (M14). Saying it
 * twice changes nothing.
 */
export async function cancelSubscriptionNow(id: string): Promise<void> {
  try {
    await ask(() => stripe().subscriptions.cancel(id, { invoice_now: true, prorate: false }));
  } catch (error) {
    if (stripeErrorOf(error)?.code !== "resource_missing") throw error;
  }
}

/** Lets Stripe forget a customer: name, address and card. What was invoiced stays in the books there. Twice is once. */
export async function deleteCustomer(id: string): Promise<void> {
  await askFor(() => stripe().customers.del(id));
}
