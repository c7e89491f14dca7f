import type Stripe from "stripe";
import { findProduct } from "#sandbox/stripe/catalog/products.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { activeEntitlements } from "#sandbox/stripe/entitlements/active-entitlements.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { flag, pairs, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const noParams = paramsOf<object>()({});
const createParams = paramsOf<Stripe.Entitlements.FeatureCreateParams>()({
  lookup_key: required(text()),
  metadata: pairs(),
  name: required(text()),
});
const updateParams = paramsOf<Stripe.Entitlements.FeatureUpdateParams>()({
  active: flag(),
  metadata: pairs(),
  name: text(),
});
const listParams = paramsOf<Stripe.Entitlements.FeatureListParams>()({
  archived: flag(),
  lookup_key: text(),
});
const assignParams = paramsOf<Stripe.ProductCreateFeatureParams>()({ entitlement_feature: required(text()) });
const activeParams = paramsOf<Stripe.Entitlements.ActiveEntitlementListParams>()({
  customer: required(text()),
});
const path = "/v1/entitlements/features";

/** Features, their assignment to products, and what customers are entitled to. */
export const entitlementRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => {
    const { features } = world.tables;
    if (features.all().some((row) => row.lookup_key === params.lookup_key && row.active)) {
      throw invalid(`A feature already uses the lookup key ${params.lookup_key}.`, "lookup_key");
    }
    return features.put({
      id: newStripeId("feat_test"),
      object: "entitlements.feature",
      active: true,
      livemode: false,
      lookup_key: params.lookup_key,
      metadata: mergeMetadata({}, params.metadata),
      name: params.name,
    });
  }),
  route("GET", `${path}/:id`, noParams, ({ world, id }) => findFeature(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) => {
    const feature = findFeature(world, id);
    const { metadata, ...rest } = params;
    const merged = mergeMetadata(feature.metadata, metadata);
    return world.tables.features.put({ ...feature, ...given(rest), metadata: merged });
  }),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.features.filter(
      (row) =>
        (params.archived === undefined || row.active !== params.archived) &&
        (params.lookup_key === undefined || row.lookup_key === params.lookup_key),
    ),
  ),
  listRoute("/v1/entitlements/active_entitlements", activeParams, ({ world, params }) =>
    activeEntitlements(world, findCustomer(world, params.customer, "customer").id),
  ),
  route("GET", "/v1/entitlements/active_entitlements/:id", noParams, ({ world, id }) => {
    const customers = world.tables.customers.all();
    const all = customers.flatMap((customer) => activeEntitlements(world, customer.id));
    const found = all.find((row) => row.id === id);
    if (!found) throw missing("active entitlement", id);
    return found;
  }),
  route("POST", "/v1/products/:id/features", assignParams, ({ world, id, params }) => {
    findProduct(world, id);
    const feature = findFeature(world, params.entitlement_feature, "entitlement_feature");
    const row = { id: newStripeId("prodft"), product: id, feature: feature.id };
    world.tables.productFeatures.put(row);
    return toProductFeature(world, row);
  }),
  route("GET", "/v1/products/:id/features/:feature", noParams, ({ world, id, ids }) =>
    toProductFeature(world, findAssignment(world, id, ids.feature)),
  ),
  route("DELETE", "/v1/products/:id/features/:feature", noParams, ({ world, id, ids }) => {
    const row = findAssignment(world, id, ids.feature);
    world.tables.productFeatures.delete(row.id);
    return { id: row.id, object: "product_feature", deleted: true };
  }),
  listRoute("/v1/products/:id/features", noParams, ({ world, id }) =>
    world.tables.productFeatures.under(findProduct(world, id).id).map((row) => toProductFeature(world, row)),
  ),
];

function findFeature(world: World, id: string, param?: string): Stripe.Entitlements.Feature {
  const feature = world.tables.features.get(id);
  if (!feature) throw missing("feature", id, param);
  return feature;
}

function findAssignment(world: World, product: string, id = "") {
  const row = world.tables.productFeatures.get(id);
  if (row?.product !== product) throw missing("product feature", id);
  return row;
}

function toProductFeature(world: World, row: { id: string; feature: string }): Stripe.ProductFeature {
  const feature = findFeature(world, row.feature);
  return { id: row.id, object: "product_feature", entitlement_feature: feature, livemode: false };
}
