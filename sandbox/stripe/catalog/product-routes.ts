import type Stripe from "stripe";
import { billingSchemeParams, recurringParams } from "#sandbox/stripe/catalog/price-scheme.ts";
import { createPrice, currencyOptionsParam, priceParams } from "#sandbox/stripe/catalog/prices.ts";
import { createProduct, findProduct, productFieldParams } from "#sandbox/stripe/catalog/products.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const { marketing_features, package_dimensions, ...creatable } = productFieldParams;
const createParams = paramsOf<Stripe.ProductCreateParams>()({
  ...creatable,
  marketing_features,
  package_dimensions,
  default_price_data: object({
    currency: required(currency()),
    currency_options: currencyOptionsParam,
    metadata: pairs(),
    recurring: recurringParams,
    tax_behavior: oneOf("exclusive", "inclusive", "unspecified"),
    unit_amount: billingSchemeParams.unit_amount,
    unit_amount_decimal: billingSchemeParams.unit_amount_decimal,
  }),
});
const updateParams = paramsOf<Stripe.ProductUpdateParams>()({
  active: flag(),
  default_price: text(),
  description: clearable(text()),
  images: clearable(list(text())),
  marketing_features: clearable(marketing_features),
  metadata: pairs(),
  name: text(),
  package_dimensions: clearable(package_dimensions),
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
  shippable: flag(),
  url: text(),
});

export const productRoutes: Route[] = [
  route("POST", "/v1/products", createParams, ({ world, params }) => {
    const { default_price_data: data, ...fields } = params;
    const product = createProduct(world, fields);
    if (!data) return product;
    const price = createPrice(world, { ...priceParams({ currency: "usd" }), ...data, product: product.id });
    return amend(world, world.tables.products, product.id, { default_price: price.id }, "product.updated");
  }),
  route("GET", "/v1/products/:id", paramsOf<object>()({}), ({ world, id }) => {
    const product = world.tables.products.get(id) ?? world.tables.tombstones.get(id);
    if (!product) throw missing("product", id);
    return product;
  }),
  route("POST", "/v1/products/:id", updateParams, ({ world, id, params }) =>
    updateProduct(world, id, params),
  ),
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
        (params.shippable === undefined || product.shippable === params.shippable) &&
        (params.url === undefined || product.url === params.url) &&
        inRange(product.created, params.created),
    ),
  ),
];

function updateProduct(world: World, id: string, params: ReturnType<typeof updateParams>): Stripe.Product {
  const product = findProduct(world, id);
  const { metadata, images, marketing_features: features, ...rest } = params;
  const price = rest.default_price === undefined ? null : world.tables.prices.get(rest.default_price);
  if (price === undefined || (price && idOf(price.product) !== id)) {
    throw missing("price", rest.default_price ?? "", "default_price");
  }
  const patch = {
    ...given(rest),
    ...given({ images: images === null ? [] : images }),
    ...given({ marketing_features: features === null ? [] : features }),
    metadata: mergeMetadata(product.metadata, metadata),
    updated: world.now(),
  };
  return amend(world, world.tables.products, id, patch, "product.updated");
}
