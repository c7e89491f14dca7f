import { randomUUID } from "node:crypto";
import Stripe from "stripe";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { createUser } from "#lib/accounts/users.ts";

/**
 * Creates workspaces with a Stripe customer. Each has an active subscription of a price that is not in the
 * catalog, so that a sync has something to fetch.
 * @returns the ids of the Stripe customers
 */
export async function createCustomers(
  databaseUrl: string,
  stripeUrl: string,
  count: number,
): Promise<string[]> {
  const { hostname, port } = new URL(stripeUrl);
  const stripe = new Stripe("sk_test_sandbox000000000000", { host: hostname, port, protocol: "http" });
  const product = await stripe.products.create({ name: "Bench" });
  const recurring = { interval: "month" } as const;
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 1_900,
    recurring,
  });
  const connection = connect(databaseUrl, { max: 4 });
  pointDatabaseAt(connection);
  const customers: string[] = [];
  while (customers.length < count) {
    const at = new Date();
    const newUser = { email: `${randomUUID()}@bench.example`, name: "Bench" };
    const user = await createUser(connection.db, newUser, at);
    if (user === null) throw new Error("The email address is taken.");
    const { id } = await stripe.customers.create({
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    await stripe.subscriptions.create({ customer: id, items: [{ price: price.id }] });
    await connection.sql`
      insert into billing_customers (workspace_id, stripe_customer_id, created_at)
      values (${user.workspaceId}, ${id}, ${at.toISOString()})`;
    customers.push(id);
  }
  await connection.sql.end();
  return customers;
}
