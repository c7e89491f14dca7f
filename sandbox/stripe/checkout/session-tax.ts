import type Stripe from "stripe";
import type { SessionParams } from "#sandbox/stripe/checkout/session-params.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Throws when automatic tax or tax id collection lacks data or permission for an existing customer. */
export function assertTaxable(world: World, params: SessionParams): void {
  const { customer, customer_update: update } = params;
  if (customer === undefined) return;
  const existing = findCustomer(world, customer, "customer");
  if (params.automatic_tax?.enabled && !existing.address?.country && update?.address !== "auto") {
    throw invalid(
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.",
      undefined,
      "customer_tax_location_invalid",
    );
  }
  if (params.tax_id_collection?.enabled && update?.name !== "auto") {
    throw invalid(
      "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.",
    );
  }
}

/**
 * Completes automatic tax. The page collects no address, so a customer without a country is assigned that of
 * the test cards (US).
 */
export function resolveTaxLocation(
  world: World,
  session: Stripe.Checkout.Session,
  customer: string | null,
): Partial<Stripe.Checkout.Session> {
  if (!session.automatic_tax.enabled) return {};
  const existing = customer === null ? undefined : world.tables.customers.get(customer);
  if (existing && !existing.address?.country) {
    const address = { city: null, country: "US", line1: null, line2: null, postal_code: null, state: null };
    amend(world, world.tables.customers, existing.id, { address }, "customer.updated");
  }
  return { automatic_tax: { ...session.automatic_tax, status: "complete" } };
}
