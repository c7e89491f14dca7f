import type Stripe from "stripe";
import { assertClockCustomerLimit } from "#sandbox/stripe/clocks/clock-limits.ts";
import { addressParams, shippingParams, toShipping } from "#sandbox/stripe/customers/address-params.ts";
import { recordBalanceTransaction } from "#sandbox/stripe/customers/customer-balance.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { emptyAddress } from "#sandbox/stripe/customers/payment-method-object.ts";
import { attachMethod, findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { addTaxId } from "#sandbox/stripe/customers/tax-ids.ts";
import { setCustomerDiscount } from "#sandbox/stripe/discounts/customer-discounts.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  inRange,
  list,
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
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const sharedParams = {
  address: clearable(addressParams),
  balance: whole(),
  coupon: clearable(text()),
  description: clearable(text()),
  email: clearable(email()),
  invoice_prefix: text(),
  invoice_settings: object({
    custom_fields: clearable(list(object({ name: required(text()), value: required(text()) }))),
    default_payment_method: clearable(text()),
    footer: clearable(text()),
  }),
  metadata: pairs(),
  name: clearable(text()),
  next_invoice_sequence: whole(),
  phone: clearable(text()),
  preferred_locales: list(text()),
  promotion_code: text(),
  shipping: clearable(shippingParams),
  tax: object({ ip_address: clearable(text()), validate_location: oneOf("auto", "deferred", "immediately") }),
  tax_exempt: oneOf("none", "exempt", "reverse"),
};
/**
 * Parameters of older API versions; calls with a newer version are rejected before they reach these routes.
 */
type LegacyParams = { coupon?: string; promotion_code?: string };
const createParams = paramsOf<Stripe.CustomerCreateParams & LegacyParams>()({
  ...sharedParams,
  payment_method: text(),
  tax_id_data: list(object({ type: required(text()), value: required(text()) })),
  test_clock: text(),
});
const updateParams = paramsOf<Stripe.CustomerUpdateParams & LegacyParams>()(sharedParams);
type UpdateParams = ReturnType<typeof updateParams>;
const listParams = paramsOf<Stripe.CustomerListParams>()({
  created: range(),
  email: text(),
  test_clock: text(),
});

export const customerRoutes: Route[] = [
  route("POST", "/v1/customers", createParams, ({ world, params }) => {
    const { payment_method: method, tax_id_data: taxIds = [], test_clock: testClock, ...rest } = params;
    if (testClock !== undefined && !world.tables.testClocks.get(testClock)) {
      throw missing("test_helpers.test_clock", testClock, "test_clock");
    }
    if (testClock !== undefined) assertClockCustomerLimit(world, testClock);
    const customer = createCustomer(world, { testClock: testClock ?? null });
    const card = method === undefined ? null : attachMethod(world, method, customer.id).id;
    const settings = rest.invoice_settings;
    // A test card like `pm_card_visa` may be given twice: to attach it and to make it the default.
    const isDefault = card !== null && settings?.default_payment_method === method;
    const withAttachedCard = {
      ...rest,
      invoice_settings: settings && isDefault ? { ...settings, default_payment_method: card } : settings,
    };
    const created = world.tables.customers.put({
      ...customer,
      ...toPatch(world, customer, withAttachedCard),
    });
    emit(world, "customer.created", created);
    for (const taxId of taxIds) addTaxId(world, created.id, taxId);
    recordBalanceChange(world, created, 0);
    return applyDiscountParams(world, created.id, params);
  }),
  route("GET", "/v1/customers/:id", paramsOf<object>()({}), ({ world, id }) => {
    const customer = world.tables.customers.get(id) ?? world.tables.tombstones.get(id);
    if (!customer) throw missing("customer", id);
    return customer;
  }),
  route("POST", "/v1/customers/:id", updateParams, ({ world, id, params }) => {
    const customer = findCustomer(world, id);
    const patch = toPatch(world, customer, params);
    const updated = amend(world, world.tables.customers, id, patch, "customer.updated");
    recordBalanceChange(world, updated, customer.balance);
    return applyDiscountParams(world, id, params);
  }),
  route("DELETE", "/v1/customers/:id", paramsOf<object>()({}), ({ world, id }) => deleteCustomer(world, id)),
  listRoute("/v1/customers", listParams, ({ world, params }) =>
    world.tables.customers.filter(
      (customer) =>
        (params.email === undefined || customer.email === params.email) &&
        (params.test_clock === undefined
          ? customer.test_clock === null
          : customer.test_clock === params.test_clock) &&
        inRange(customer.created, params.created),
    ),
  ),
];

/** Creates a customer without `customer.created`, so that the caller can complete it before the event. */
export function createCustomer(
  world: World,
  details: { email?: string | null; name?: string | null; testClock?: string | null },
): Stripe.Customer {
  const testClock = details.testClock ?? null;
  return world.tables.customers.put({
    id: newStripeId("cus", 14),
    object: "customer",
    address: null,
    balance: 0,
    created: world.now(testClock),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: details.email ?? null,
    invoice_prefix: randomLetters(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: details.name ?? null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: testClock,
  });
}

/** Deletes a customer: cancels running subscriptions, detaches payment methods and keeps invoices. */
function deleteCustomer(world: World, id: string) {
  const customer = findCustomer(world, id);
  for (const subscription of world.tables.subscriptions.filter((row) => idOf(row.customer) === id)) {
    if (isRunning(subscription)) cancelNow(world, subscription.id, "cancellation_requested");
  }
  for (const method of world.tables.paymentMethods.filter((row) => row.customer === id)) {
    amend(world, world.tables.paymentMethods, method.id, { customer: null }, "payment_method.detached");
  }
  emit(world, "customer.deleted", customer);
  world.tables.customers.delete(id);
  return world.tables.tombstones.put({ id, object: "customer", deleted: true });
}

/** Records a balance transaction for a balance that a create or update call changed. */
function recordBalanceChange(world: World, customer: Stripe.Customer, before: number): void {
  const amount = customer.balance - before;
  if (amount === 0) return;
  const isNew = world.tables.customerBalanceTransactions.under(customer.id).length === 0;
  const type = isNew && before === 0 ? "initial" : "adjustment";
  const currency = customer.currency ?? "usd";
  recordBalanceTransaction(world, customer.id, { amount, currency, endingBalance: customer.balance, type });
}

function applyDiscountParams(
  world: World,
  id: string,
  { coupon, promotion_code: code }: UpdateParams,
): Stripe.Customer {
  if (coupon === undefined && code === undefined) return findCustomer(world, id);
  return setCustomerDiscount(world, id, coupon === null ? null : given({ coupon, promotion_code: code }));
}

function toPatch(world: World, customer: Stripe.Customer, params: UpdateParams): Partial<Stripe.Customer> {
  const { coupon: _coupon, promotion_code: _code, ...fields } = params;
  const { address: newAddress, invoice_settings: settings, metadata, shipping, tax: _tax, ...rest } = fields;
  const method = settings?.default_payment_method;
  if (
    method &&
    findMethod(world, method, "invoice_settings[default_payment_method]").customer !== customer.id
  ) {
    throw missing("PaymentMethod", method, "invoice_settings[default_payment_method]");
  }
  return {
    ...given(rest),
    ...(newAddress === undefined ? {} : { address: newAddress && { ...emptyAddress, ...given(newAddress) } }),
    ...(shipping === undefined ? {} : { shipping: toShipping(shipping ?? undefined) }),
    invoice_settings: { ...customer.invoice_settings, ...given(settings ?? {}) },
    metadata: mergeMetadata(customer.metadata, metadata),
  };
}
