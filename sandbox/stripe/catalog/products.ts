import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  inRange,
  list,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.ProductCreateParams>()({
  name: required(text()),
  active: flag(),
  description: text(),
  id: text(),
  images: list(text()),
  metadata: pairs(),
  shippable: flag(),
  statement_descriptor: text(),
  tax_code: text(),
  type: oneOf("good", "service"),
  unit_label: text(),
  url: text(),
});
const updateParams = paramsOf<Stripe.ProductUpdateParams>()({
  active: flag(),
  default_price: text(),
  description: clearable(text()),
  images: clearable(list(text())),
  metadata: pairs(),
  name: text(),
  shippable: flag(),
  statement_descriptor: text(),
  tax_code: clearable(text()),
  unit_label: clearable(text()),
  url: clearable(text()),
});
const listParams = paramsOf<Stripe.ProductListParams>()({
  active: flag(),
  created: range(),
  ids: list(text()),
});

export const productRoutes: Route[] = [
  route("POST", "/v1/products", createParams, ({ world, params }) => createProduct(world, params)),
  route("GET", "/v1/products/:id", paramsOf<object>()({}), ({ world, id }) => {
    const product = world.tables.products.get(id) ?? world.tables.tombstones.get(id);
    if (!product) throw missing("product", id);
    return product;
  }),
  route("POST", "/v1/products/:id", updateParams, ({ world, id, params }) => {
    const product = findProduct(world, id);
    const { metadata, images, ...rest } = params;
    const patch = {
      ...given(rest),
      ...given({ images: images === null ? [] : images }),
      metadata: mergeMetadata(product.metadata, metadata),
      updated: world.now(),
    };
    return amend(world, world.tables.products, id, patch, "product.updated");
  }),
  route("DELETE", "/v1/products/:id", paramsOf<object>()({}), ({ world, id }) => {
    const product = findProduct(world, id);
    if (world.tables.prices.filter((price) => idOf(price.product) === id).length > 0) {
      throw invalid("This product cannot be deleted because it has one or more user-created prices.");
    }
    world.tables.products.delete(id);
    emit(world, "product.deleted", product);
    return world.tables.tombstones.put({ id, object: "product", deleted: true });
  }),
  listRoute("/v1/products", listParams, ({ world, params }) =>
    world.tables.products.filter(
      (product) =>
        (params.active === undefined || product.active === params.active) &&
        (params.ids === undefined || params.ids.includes(product.id)) &&
        inRange(product.created, params.created),
    ),
  ),
];

/** Returns a product by id. Throws `resource_missing` when there is none. */
export function findProduct(world: World, id: string, param?: string): Stripe.Product {
  const product = world.tables.products.get(id);
  if (!product) throw missing("product", id, param);
  return product;
}

type NewProduct = Partial<ReturnType<typeof createParams>> & { name: string };

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
    marketing_features: [],
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    package_dimensions: null,
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
