import type Stripe from "stripe";
import { recurringParams } from "#sandbox/stripe/catalog/price-scheme.ts";
import { createPrice, findPrice, priceParams } from "#sandbox/stripe/catalog/prices.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  count,
  decimal,
  either,
  flag,
  inRange,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { buildPlan } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const createParams = paramsOf<Stripe.PlanCreateParams>()({
  active: flag(),
  amount: whole(),
  amount_decimal: decimal(),
  currency: required(currency()),
  interval: required(oneOf("day", "week", "month", "year")),
  interval_count: count(),
  metadata: pairs(),
  nickname: text(),
  product: required(either(text(), object({ id: text(), metadata: pairs(), name: required(text()) }))),
  trial_period_days: count(),
  usage_type: oneOf("licensed", "metered"),
});
const updateParams = paramsOf<Stripe.PlanUpdateParams>()({
  active: flag(),
  metadata: pairs(),
  nickname: text(),
});
const listParams = paramsOf<Stripe.PlanListParams>()({ active: flag(), created: range(), product: text() });

/** Plans, the former name of recurring prices: each plan is a view of the price with the same id. */
export const planRoutes: Route[] = [
  route("POST", "/v1/plans", createParams, ({ world, params }) => createPlan(world, params)),
  route("GET", "/v1/plans/:id", paramsOf<object>()({}), ({ world, id }) =>
    buildPlan(findRecurring(world, id)),
  ),
  route("POST", "/v1/plans/:id", updateParams, ({ world, id, params }) => {
    const price = findRecurring(world, id);
    const { metadata, ...rest } = params;
    const patch = { ...given(rest), metadata: mergeMetadata(price.metadata, metadata) };
    return buildPlan(amend(world, world.tables.prices, id, patch, "price.updated"));
  }),
  route("DELETE", "/v1/plans/:id", paramsOf<object>()({}), ({ world, id }) => {
    amend(world, world.tables.prices, findRecurring(world, id).id, { active: false }, "price.updated");
    return { id, object: "plan", deleted: true };
  }),
  listRoute("/v1/plans", listParams, ({ world, params }) =>
    world.tables.prices
      .filter(
        (price) =>
          price.recurring !== null &&
          (params.active === undefined || price.active === params.active) &&
          (params.product === undefined || idOf(price.product) === params.product) &&
          inRange(price.created, params.created),
      )
      .map(buildPlan),
  ),
];

function createPlan(world: World, params: ReturnType<typeof createParams>): Stripe.Plan {
  const { interval, interval_count, product, trial_period_days, usage_type } = params;
  const recurring = recurringParams(
    {
      interval,
      ...(interval_count === undefined ? {} : { interval_count: String(interval_count) }),
      ...(trial_period_days === undefined ? {} : { trial_period_days: String(trial_period_days) }),
      ...(usage_type === undefined ? {} : { usage_type }),
    },
    "recurring",
  );
  const price = createPrice(world, {
    ...priceParams({ currency: params.currency }),
    active: params.active,
    metadata: params.metadata,
    nickname: params.nickname,
    recurring,
    unit_amount: params.amount,
    unit_amount_decimal: params.amount_decimal,
    ...(typeof product === "string"
      ? { product }
      : { product_data: { ...noProductData, ...product, metadata: product.metadata } }),
  });
  return buildPlan(price);
}

const noProductData = {
  active: undefined,
  id: undefined,
  statement_descriptor: undefined,
  tax_code: undefined,
  unit_label: undefined,
};

function findRecurring(world: World, id: string): Stripe.Price {
  const price = findPrice(world, id);
  if (!price.recurring) throw missing("plan", id);
  return price;
}
