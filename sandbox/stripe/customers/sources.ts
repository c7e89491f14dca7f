import type Stripe from "stripe";
import { createMethod } from "#sandbox/stripe/customers/create-method.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { attachMethod, detachMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { clearable, pairs, paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.CustomerCreateSourceParams>()({
  source: required(text()),
  metadata: pairs(),
});
const updateParams = paramsOf<Stripe.CustomerUpdateSourceParams>()({
  exp_month: whole(),
  exp_year: whole(),
  metadata: pairs(),
  name: clearable(text()),
});
const path = "/v1/customers/:id/sources";

/**
 * Routes of the legacy Sources API. A source is stored as a payment method with a `card_...` id and returned
 * as a `card` object.
 */
export const sourceRoutes: Route[] = [
  route("POST", path, createParams, ({ world, id, params }) => createSource(world, id, params)),
  listRoute(path, paramsOf<object>()({}), ({ world, id }) =>
    world.tables.paymentMethods
      .filter((method) => method.customer === id && method.id.startsWith("card_"))
      .map(toCard),
  ),
  route("GET", `${path}/:source`, paramsOf<object>()({}), ({ world, id, ids }) =>
    toCard(findSource(world, id, ids.source ?? "")),
  ),
  route("POST", `${path}/:source`, updateParams, ({ world, id, ids, params }) =>
    updateSource(world, findSource(world, id, ids.source ?? ""), params),
  ),
  route("DELETE", `${path}/:source`, paramsOf<object>()({}), ({ world, id, ids }) => {
    const method = findSource(world, id, ids.source ?? "");
    emit(world, "customer.source.deleted", toCard(method));
    detachMethod(world, method);
    if (findCustomer(world, id).default_source === method.id) setDefaultSource(world, id, null);
    return { id: method.id, object: "card", deleted: true };
  }),
];

function createSource(
  world: World,
  customerId: string,
  params: ReturnType<typeof createParams>,
): Stripe.Card {
  const customer = findCustomer(world, customerId);
  const method = createMethod(world, readToken(params), undefined, newStripeId("card"));
  const card = toCard(attachMethod(world, method.id, customerId));
  emit(world, "customer.source.created", card);
  if (customer.default_source === null) setDefaultSource(world, customerId, card.id);
  return card;
}

function readToken({ source, metadata }: ReturnType<typeof createParams>) {
  if (!source.startsWith("tok_")) throw invalid("The sandbox supports Stripe's test tokens only.", "source");
  const noOtherFields = { allow_redisplay: undefined, billing_details: undefined, sepa_debit: undefined };
  const card = {
    token: source,
    number: undefined,
    exp_month: undefined,
    exp_year: undefined,
    cvc: undefined,
  };
  return { ...noOtherFields, type: "card" as const, card, metadata };
}

function updateSource(
  world: World,
  method: Stripe.PaymentMethod,
  { exp_month, exp_year, name, metadata }: ReturnType<typeof updateParams>,
): Stripe.Card {
  const before = toCard(method);
  const after = amend(world, world.tables.paymentMethods, method.id, {
    billing_details: { ...method.billing_details, ...given({ name }) },
    ...(method.card ? { card: { ...method.card, ...given({ exp_month, exp_year }) } } : {}),
    metadata: mergeMetadata(method.metadata ?? {}, metadata),
  });
  const card = toCard(after);
  emit(world, "customer.source.updated", card, { metadata: before.metadata });
  return card;
}

function findSource(world: World, customer: string, id: string): Stripe.PaymentMethod {
  const method = world.tables.paymentMethods.get(id);
  if (!method?.id.startsWith("card_") || method.customer !== customer) throw missing("source", id);
  return method;
}

function setDefaultSource(world: World, customer: string, source: string | null): void {
  amend(world, world.tables.customers, customer, { default_source: source }, "customer.updated");
}

/** Converts a payment method to the legacy `card` object. */
function toCard(method: Stripe.PaymentMethod): Stripe.Card {
  const { card, billing_details: billing } = method;
  const { address } = billing;
  return {
    id: method.id,
    object: "card",
    address_city: address?.city ?? null,
    address_country: address?.country ?? null,
    address_line1: address?.line1 ?? null,
    address_line1_check: null,
    address_line2: address?.line2 ?? null,
    address_state: address?.state ?? null,
    address_zip: address?.postal_code ?? null,
    address_zip_check: null,
    brand: (card?.brand ?? "visa").replace(/^./, (initial) => initial.toUpperCase()),
    country: card?.country ?? null,
    customer: idOrNull(method.customer),
    cvc_check: card?.checks?.cvc_check ?? null,
    dynamic_last4: null,
    exp_month: card?.exp_month ?? 1,
    exp_year: card?.exp_year ?? 2000,
    fingerprint: card?.fingerprint ?? null,
    funding: card?.funding ?? "credit",
    last4: card?.last4 ?? "",
    metadata: method.metadata,
    name: billing.name,
    regulated_status: "unregulated",
    tokenization_method: null,
  };
}
