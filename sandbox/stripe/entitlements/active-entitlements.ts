import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { emit } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Subscriptions in these states entitle their customer to the features of their products. */
const entitling = new Set(["active", "trialing", "past_due"]);

/** The features that a customer is entitled to, each once. */
export function activeEntitlements(world: World, customer: string): Stripe.Entitlements.ActiveEntitlement[] {
  const running = world.tables.subscriptions.filter(
    (row) => idOf(row.customer) === customer && entitling.has(row.status),
  );
  const products = running.flatMap((row) => row.items.data.map((item) => idOf(item.price.product)));
  const features = new Set(
    products.flatMap((product) => world.tables.productFeatures.under(product).map((row) => row.feature)),
  );
  return [...features].flatMap((id) => {
    const feature = world.tables.features.get(id);
    if (!feature) return [];
    const hash = createHash("sha256").update(`${customer}:${id}`).digest("hex").slice(0, 24);
    return {
      id: `ent_test_${hash}`,
      object: "entitlements.active_entitlement" as const,
      feature: id,
      livemode: false,
      lookup_key: feature.lookup_key,
    };
  });
}

/** Announces the entitlements of a customer when a subscription changed them. */
export function announceEntitlements(world: World, type: string, object: object): void {
  if (!type.startsWith("customer.subscription.") || world.tables.productFeatures.size === 0) return;
  if (!("customer" in object) || typeof object.customer !== "string") return;
  const { customer } = object;
  const data = activeEntitlements(world, customer);
  const mark = { id: `entitlements:${customer}`, value: data.map((row) => row.id).join() };
  const before = world.tables.entitlementMarks.get(mark.id)?.value ?? "";
  if (before === mark.value) return;
  world.tables.entitlementMarks.put(mark);
  const url = `/v1/customers/${customer}/entitlements`;
  const summary: Stripe.Entitlements.ActiveEntitlementSummary = {
    object: "entitlements.active_entitlement_summary",
    customer,
    entitlements: { object: "list", data, has_more: false, url },
    livemode: false,
  };
  emit(world, "entitlements.active_entitlement_summary.updated", { id: customer, ...summary });
}
