import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import {
  findTaxIdFormat,
  initialVerification,
  matchesTaxIdFormat,
  taxIdCountry,
} from "#sandbox/stripe/customers/tax-id-formats.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { object, oneOf, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.CustomerCreateTaxIdParams>()({
  type: required(text()),
  value: required(text()),
});
const ownerParam = object({ customer: text(), type: required(oneOf("account", "customer", "self")) });
const ownedParams = paramsOf<Stripe.TaxIdCreateParams>()({
  owner: ownerParam,
  type: required(text()),
  value: required(text()),
});
const listParams = paramsOf<Stripe.TaxIdListParams>()({ owner: ownerParam });
const noParams = paramsOf<object>()({});
const path = "/v1/customers/:id/tax_ids";
const maxTaxIds = 5;

/** Routes of customers' tax ids, which are printed on their invoices. */
export const taxIdRoutes: Route[] = [
  route("POST", path, createParams, ({ world, id, params }) => {
    findCustomer(world, id);
    return addTaxId(world, id, params);
  }),
  route("GET", `${path}/:taxId`, noParams, ({ world, id, ids }) => findTaxId(world, id, ids.taxId ?? "")),
  route("DELETE", `${path}/:taxId`, noParams, ({ world, id, ids }) => {
    const taxId = findTaxId(world, id, ids.taxId ?? "");
    world.tables.taxIds.delete(taxId.id);
    emit(world, "customer.tax_id.deleted", taxId);
    return { id: taxId.id, object: "tax_id", deleted: true };
  }),
  listRoute(path, noParams, ({ world, id }) => {
    findCustomer(world, id);
    return world.tables.taxIds.under(id);
  }),
];

/** Routes of tax ids by themselves, whose owner is a customer or, by default, the account. */
export const ownedTaxIdRoutes: Route[] = [
  route("POST", "/v1/tax_ids", ownedParams, ({ world, params }) => {
    const { owner, type, value } = params;
    if (owner?.type !== "customer") return addTaxId(world, null, { type, value });
    return addTaxId(world, findCustomer(world, owner.customer ?? "", "owner[customer]").id, { type, value });
  }),
  route("GET", "/v1/tax_ids/:id", noParams, ({ world, id }) => {
    const taxId = world.tables.taxIds.get(id);
    if (!taxId) throw missing("tax_id", id);
    return taxId;
  }),
  route("DELETE", "/v1/tax_ids/:id", noParams, ({ world, id }) => {
    const taxId = world.tables.taxIds.get(id);
    if (!taxId) throw missing("tax_id", id);
    world.tables.taxIds.delete(id);
    if (taxId.customer !== null) emit(world, "customer.tax_id.deleted", taxId);
    return { id, object: "tax_id", deleted: true };
  }),
  listRoute("/v1/tax_ids", listParams, ({ world, params }) =>
    world.tables.taxIds.under(params.owner?.type === "customer" ? (params.owner.customer ?? "") : ""),
  ),
];

/** Returns a customer's tax ids, for `expand: ["tax_ids"]`. */
export function listTaxIds(world: World, customer: string): Stripe.ApiList<Stripe.TaxId> {
  const data = world.tables.taxIds.under(customer).toReversed();
  return { object: "list", data, has_more: false, url: `/v1/customers/${customer}/tax_ids` };
}

/** Adds a tax id to a customer, or to the account (null). Throws for an unknown type or a malformed value. */
export function addTaxId(
  world: World,
  customer: string | null,
  { type, value }: { type: string; value: string },
): Stripe.TaxId {
  const format = findTaxIdFormat(type);
  if (format === undefined) throw invalid(`Invalid type: the sandbox does not support ${type}.`, "type");
  if (!matchesTaxIdFormat(format, value))
    throw invalid(`Invalid value for ${type}.`, "value", "tax_id_invalid");
  if (world.tables.taxIds.under(customer ?? "").length >= maxTaxIds)
    throw invalid(`A customer can have up to ${maxTaxIds} tax IDs.`);
  const taxId: Stripe.TaxId = {
    id: newStripeId("txi"),
    object: "tax_id",
    country: taxIdCountry(format, value),
    created: nowFor(world, customer),
    customer,
    customer_account: null,
    livemode: false,
    owner:
      customer === null
        ? { type: "self", customer_account: null }
        : { type: "customer", customer, customer_account: null },
    type,
    value,
    verification: initialVerification(type, value),
  };
  if (customer === null) return world.tables.taxIds.put(taxId);
  return create(world, world.tables.taxIds, taxId, "customer.tax_id.created");
}

function findTaxId(world: World, customer: string, id: string): Stripe.TaxId {
  const taxId = world.tables.taxIds.get(id);
  if (!taxId || idOrNull(taxId.customer) !== customer) throw missing("tax_id", id);
  return taxId;
}
