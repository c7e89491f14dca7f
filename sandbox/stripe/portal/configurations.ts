import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { findProduct } from "#sandbox/stripe/catalog/products.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  count,
  flag,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { create, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Features = Stripe.BillingPortal.Configuration.Features;
const proration = oneOf("none", "create_prorations", "always_invoice");
const features = object({
  customer_update: object({ enabled: flag(), allowed_updates: clearable(list(text())) }),
  invoice_history: object({ enabled: required(flag()) }),
  payment_method_update: object({ enabled: required(flag()) }),
  subscription_cancel: object({
    enabled: required(flag()),
    mode: oneOf("at_period_end", "immediately"),
    proration_behavior: proration,
    cancellation_reason: object({ enabled: required(flag()), options: clearable(list(text())) }),
  }),
  subscription_update: object({
    enabled: flag(),
    default_allowed_updates: clearable(list(text())),
    proration_behavior: proration,
    billing_cycle_anchor: oneOf("now", "unchanged"),
    schedule_at_period_end: object({
      conditions: clearable(
        list(object({ type: required(oneOf("decreasing_item_amount", "shortening_interval")) })),
      ),
    }),
    trial_update_behavior: oneOf("continue_trial", "end_trial"),
    products: clearable(
      list(
        object({
          adjustable_quantity: object({ enabled: required(flag()), maximum: count(), minimum: count() }),
          product: required(text()),
          prices: required(list(text())),
        }),
      ),
    ),
  }),
});
const shared = {
  business_profile: object({
    headline: clearable(text()),
    privacy_policy_url: text(),
    terms_of_service_url: text(),
  }),
  default_return_url: clearable(text()),
  metadata: pairs(),
  name: clearable(text()),
};
const createParams = paramsOf<Stripe.BillingPortal.ConfigurationCreateParams>()({
  ...shared,
  features: required(features),
});
const updateParams = paramsOf<Stripe.BillingPortal.ConfigurationUpdateParams>()({
  ...shared,
  active: flag(),
  features,
});
const listParams = paramsOf<Stripe.BillingPortal.ConfigurationListParams>()({
  active: flag(),
  is_default: flag(),
});

export const portalConfigurationRoutes: Route[] = [
  route("POST", "/v1/billing_portal/configurations", createParams, ({ world, params }) => {
    const blank = buildConfiguration(world, false);
    const configuration = patched(blank, params, world.now());
    assertConfiguration(world, configuration.features);
    return create(
      world,
      world.tables.portalConfigurations,
      configuration,
      "billing_portal.configuration.created",
    );
  }),
  route("GET", "/v1/billing_portal/configurations/:id", paramsOf<object>()({}), ({ world, id }) =>
    findConfiguration(world, id),
  ),
  route("POST", "/v1/billing_portal/configurations/:id", updateParams, ({ world, id, params }) => {
    const updated = patched(findConfiguration(world, id), params, world.now());
    assertConfiguration(world, updated.features);
    world.tables.portalConfigurations.put({ ...updated, ...given({ active: params.active }) });
    emit(world, "billing_portal.configuration.updated", updated);
    return findConfiguration(world, id);
  }),
  listRoute("/v1/billing_portal/configurations", listParams, ({ world, params }) =>
    world.tables.portalConfigurations.filter(
      (configuration) =>
        (params.active === undefined || configuration.active === params.active) &&
        (params.is_default === undefined || configuration.is_default === params.is_default),
    ),
  ),
];

/** Finds a configuration by id. Throws if it does not exist. */
export function findConfiguration(
  world: World,
  id: string,
  param?: string,
): Stripe.BillingPortal.Configuration {
  const configuration = world.tables.portalConfigurations.get(id);
  if (!configuration) throw missing("configuration", id, param);
  return configuration;
}

/** The default configuration, created on first use. */
export function defaultConfiguration(world: World): Stripe.BillingPortal.Configuration {
  return (
    world.tables.portalConfigurations.filter((configuration) => configuration.is_default)[0] ??
    world.tables.portalConfigurations.put(buildConfiguration(world, true))
  );
}

/** Throws for features that exclude each other and for unknown products or prices. */
function assertConfiguration(world: World, { payment_method_update, subscription_update }: Features): void {
  if (subscription_update.enabled && !payment_method_update.enabled) {
    throw invalid("Cannot enable subscription updates while payment method update is disabled.");
  }
  for (const [position, { product, prices }] of (subscription_update.products ?? []).entries()) {
    const path = `features[subscription_update][products][${position}]`;
    findProduct(world, product, `${path}[product]`);
    for (const [index, id] of prices.entries()) {
      const param = `${path}[prices][${index}]`;
      if (idOf(findPrice(world, id, param).product) === product) continue;
      throw invalid(`The price \`${id}\` does not belong to the product \`${product}\`.`, param);
    }
  }
}

/** A new configuration; features that a request leaves out are disabled, except in the default one. */
function buildConfiguration(world: World, isDefault: boolean): Stripe.BillingPortal.Configuration {
  const at = world.now();
  return {
    id: newStripeId("bpc"),
    object: "billing_portal.configuration",
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: at,
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: [], enabled: false },
      invoice_history: { enabled: isDefault },
      payment_method_update: { enabled: isDefault, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [] },
        enabled: isDefault,
        mode: "at_period_end",
        proration_behavior: "none",
      },
      subscription_pause: { duration: { interval_options: [], type: "indefinite" }, enabled: false },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: [],
        enabled: false,
        proration_behavior: "none",
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: "end_trial",
      },
    },
    is_default: isDefault,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: at,
  };
}

function patched(
  before: Stripe.BillingPortal.Configuration,
  params: Omit<ReturnType<typeof updateParams>, "active">,
  at: number,
): Stripe.BillingPortal.Configuration {
  return {
    ...before,
    business_profile: { ...before.business_profile, ...given(params.business_profile ?? {}) },
    default_return_url:
      params.default_return_url === undefined ? before.default_return_url : params.default_return_url,
    features: patchedFeatures(before.features, params.features),
    metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
    name: params.name === undefined ? before.name : params.name,
    updated: at,
  };
}

function patchedFeatures(before: Features, wanted: ReturnType<typeof updateParams>["features"]): Features {
  const cancel = wanted?.subscription_cancel;
  const update = wanted?.subscription_update;
  return {
    ...before,
    customer_update: {
      allowed_updates: wanted?.customer_update?.allowed_updates ?? before.customer_update.allowed_updates,
      enabled: wanted?.customer_update?.enabled ?? before.customer_update.enabled,
    },
    invoice_history: wanted?.invoice_history ?? before.invoice_history,
    payment_method_update: {
      ...before.payment_method_update,
      ...given({ enabled: wanted?.payment_method_update?.enabled }),
    },
    subscription_cancel: {
      ...before.subscription_cancel,
      ...given({
        enabled: cancel?.enabled,
        mode: cancel?.mode,
        proration_behavior: cancel?.proration_behavior,
      }),
      cancellation_reason: {
        ...before.subscription_cancel.cancellation_reason,
        ...given({
          enabled: cancel?.cancellation_reason?.enabled,
          options: cancel?.cancellation_reason?.options ?? undefined,
        }),
      },
    },
    subscription_update: {
      ...before.subscription_update,
      ...given({
        billing_cycle_anchor: update?.billing_cycle_anchor,
        enabled: update?.enabled,
        proration_behavior: update?.proration_behavior,
        trial_update_behavior: update?.trial_update_behavior,
      }),
      schedule_at_period_end: {
        conditions:
          update?.schedule_at_period_end?.conditions ??
          before.subscription_update.schedule_at_period_end.conditions,
      },
      default_allowed_updates:
        update?.default_allowed_updates ?? before.subscription_update.default_allowed_updates,
      products: (update?.products ?? before.subscription_update.products ?? []).map((product) => ({
        adjustable_quantity: {
          enabled: product.adjustable_quantity?.enabled ?? false,
          maximum: product.adjustable_quantity?.maximum ?? null,
          minimum: product.adjustable_quantity?.minimum ?? 1,
        },
        prices: product.prices,
        product: product.product,
      })),
    },
  };
}
