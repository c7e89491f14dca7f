import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { count, flag, list, object, oneOf, pairs, required, text } from "#sandbox/stripe/protocol/params.ts";
import { create } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Readers of a new product's own fields. */
export const productFieldParams = {
  name: required(text()),
  active: flag(),
  description: text(),
  id: text(),
  images: list(text()),
  marketing_features: list(object({ name: required(text()) })),
  metadata: pairs(),
  package_dimensions: object({
    height: required(count()),
    length: required(count()),
    weight: required(count()),
    width: required(count()),
  }),
  shippable: flag(),
  statement_descriptor: text(),
  tax_code: text(),
  type: oneOf("good", "service"),
  unit_label: text(),
  url: text(),
};
type ProductFields = {
  [K in keyof typeof productFieldParams]: ReturnType<(typeof productFieldParams)[K]>;
};

/** Returns a product by id. Throws `resource_missing` when there is none. */
export function findProduct(world: World, id: string, param?: string): Stripe.Product {
  const product = world.tables.products.get(id);
  if (!product) throw missing("product", id, param);
  return product;
}

type NewProduct = Partial<ProductFields> & { name: string };

/** Creates a product; also used for `product_data` of a price. */
export function createProduct(world: World, params: NewProduct): Stripe.Product {
  return create(world, world.tables.products, buildProduct(world, params), "product.created");
}

/** Builds a product without storing it. */
export function buildProduct(world: World, params: NewProduct): Stripe.Product {
  if (params.id !== undefined && world.tables.products.get(params.id)) {
    throw invalid("Product already exists.", "id", "resource_already_exists");
  }
  const at = world.now();
  return {
    id: params.id ?? newStripeId("prod", 14),
    object: "product",
    active: params.active ?? true,
    created: at,
    default_price: null,
    description: params.description ?? null,
    images: params.images ?? [],
    livemode: false,
    marketing_features: params.marketing_features ?? [],
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    package_dimensions: params.package_dimensions ?? null,
    shippable: params.shippable ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    tax_code: params.tax_code ?? null,
    tax_details: null,
    type: params.type ?? "service",
    unit_label: params.unit_label ?? null,
    updated: at,
    url: params.url ?? null,
  };
}
