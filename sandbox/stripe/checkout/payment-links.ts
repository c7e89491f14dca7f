import type Stripe from "stripe";
import { requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import {
  adjustableQuantity,
  optionFields,
  sessionOptionParams,
} from "#sandbox/stripe/checkout/session-options.ts";
import { sessionParams } from "#sandbox/stripe/checkout/session-params.ts";
import { createSession } from "#sandbox/stripe/checkout/sessions.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
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
import { amend, create } from "#sandbox/stripe/state/emit.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const { after_expiration: _recovery, ...options } = sessionOptionParams;
const createParams = paramsOf<Stripe.PaymentLinkCreateParams>()({
  ...options,
  after_completion: object({
    redirect: object({ url: required(text()) }),
    type: required(oneOf("hosted_confirmation", "redirect")),
  }),
  allow_promotion_codes: flag(),
  inactive_message: text(),
  line_items: required(
    list(
      object({
        adjustable_quantity: adjustableQuantity,
        price: required(text()),
        quantity: required(count()),
      }),
    ),
  ),
  metadata: pairs(),
  subscription_data: object({ description: text(), metadata: pairs(), trial_period_days: count() }),
});
const updateParams = paramsOf<Stripe.PaymentLinkUpdateParams>()({
  active: flag(),
  inactive_message: text(),
  metadata: pairs(),
});
const listParams = paramsOf<Stripe.PaymentLinkListParams>()({ active: flag() });
const path = "/v1/payment_links";

/** Payment links: reusable addresses that open a Checkout session. */
export const paymentLinkRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => createLink(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findLink(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) => {
    const { metadata, ...rest } = params;
    const patch = { ...given(rest), metadata: mergeMetadata(findLink(world, id).metadata, metadata) };
    return amend(world, world.tables.paymentLinks, id, patch, "payment_link.updated");
  }),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.paymentLinks.filter((row) => params.active === undefined || row.active === params.active),
  ),
];

/** Opens a Checkout session for a visitor of a link; null when the link is unknown or inactive. */
export function openLink(world: World, code: string): Stripe.Checkout.Session | null {
  const [link] = world.tables.paymentLinks.filter((row) => row.url.endsWith(`/pay/${code}`));
  const order = link && world.tables.paymentLinkOrders.get(link.id);
  if (!link?.active || !order) return null;
  const hasPlan = order.lines.some(({ price }) => world.tables.prices.get(price)?.recurring);
  const mode = hasPlan ? "subscription" : "payment";
  const redirect = link.after_completion.redirect?.url;
  const session = createSession(world, {
    ...sessionParams({ mode }),
    allow_promotion_codes: link.allow_promotion_codes || undefined,
    line_items: order.lines.map((line) => ({
      adjustable_quantity: line.adjustable
        ? { enabled: true, maximum: line.adjustable.maximum ?? 99, minimum: line.adjustable.minimum ?? 0 }
        : undefined,
      metadata: undefined,
      price: line.price,
      price_data: undefined,
      quantity: line.quantity,
    })),
    metadata: link.metadata,
    success_url: redirect ?? `${world.baseUrl}/c/complete`,
    ...(hasPlan && order.plan ? { subscription_data: { ...blankPlan, ...order.plan } } : {}),
  });
  return world.tables.checkoutSessions.put({ ...session, ...order.options, payment_link: link.id });
}

const blankPlan = {
  billing_mode: undefined,
  description: undefined,
  metadata: undefined,
  trial_end: undefined,
  trial_period_days: undefined,
  trial_settings: undefined,
};

function findLink(world: World, id: string): Stripe.PaymentLink {
  const link = world.tables.paymentLinks.get(id);
  if (!link) throw missing("payment_link", id);
  return link;
}

function createLink(world: World, params: ReturnType<typeof createParams>): Stripe.PaymentLink {
  const prices = params.line_items.map((item, position) =>
    requirePrice(world, item, `line_items[${position}]`),
  );
  const id = newStripeId("plink");
  const fields = optionFields({ ...params, after_expiration: undefined });
  const done = params.after_completion;
  world.tables.paymentLinkOrders.put({
    id,
    lines: params.line_items.map((item) => ({
      price: item.price,
      quantity: item.quantity,
      adjustable: item.adjustable_quantity?.enabled
        ? {
            enabled: true,
            maximum: item.adjustable_quantity.maximum ?? 99,
            minimum: item.adjustable_quantity.minimum ?? 0,
          }
        : null,
    })),
    options: fields,
    plan: params.subscription_data ?? null,
  });
  const link: Stripe.PaymentLink = {
    id,
    object: "payment_link",
    active: true,
    after_completion:
      done?.type === "redirect"
        ? { type: "redirect", redirect: { url: done.redirect?.url ?? "" } }
        : { type: "hosted_confirmation", hosted_confirmation: { custom_message: null } },
    allow_promotion_codes: params.allow_promotion_codes ?? false,
    application: null,
    application_fee_amount: null,
    application_fee_percent: null,
    automatic_tax: { enabled: false, liability: null },
    billing_address_collection: params.billing_address_collection ?? "auto",
    consent_collection: fields.consent_collection ?? null,
    currency: prices[0]?.currency ?? "usd",
    custom_fields: [],
    custom_text: fields.custom_text ?? noText,
    customer_creation: prices.some(({ recurring }) => recurring) ? "always" : "if_required",
    inactive_message: params.inactive_message ?? null,
    invoice_creation: null,
    livemode: false,
    managed_payments: null,
    metadata: mergeMetadata({}, params.metadata),
    on_behalf_of: null,
    optional_items: null,
    payment_intent_data: null,
    payment_method_collection: "always",
    payment_method_options: null,
    payment_method_types: null,
    phone_number_collection: { enabled: params.phone_number_collection?.enabled ?? false },
    restrictions: null,
    shipping_address_collection: null,
    shipping_options: [],
    submit_type: params.submit_type ?? "auto",
    subscription_data: null,
    tax_id_collection: { enabled: false, required: "never" },
    transfer_data: null,
    url: `${world.baseUrl}/pay/${randomLetters(20)}`,
  };
  return create(world, world.tables.paymentLinks, link, "payment_link.created");
}

const noText = {
  after_submit: null,
  shipping_address: null,
  submit: null,
  terms_of_service_acceptance: null,
};
