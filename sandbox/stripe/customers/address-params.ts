import type Stripe from "stripe";
import { emptyAddress } from "#sandbox/stripe/customers/payment-method-object.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { clearable, object, text } from "#sandbox/stripe/protocol/params.ts";

/** Parsers of a postal address. */
export const addressParams = object({
  city: clearable(text()),
  country: clearable(text()),
  line1: clearable(text()),
  line2: clearable(text()),
  postal_code: clearable(text()),
  state: clearable(text()),
});

/** Parsers of shipping details. */
export const shippingParams = object({
  address: addressParams,
  carrier: text(),
  name: text(),
  phone: text(),
  tracking_number: text(),
});

/** Returns an address with every field set; missing fields are null, as Stripe returns them. */
export function toAddress(fields: ReturnType<typeof addressParams>): Stripe.Address {
  return { ...emptyAddress, ...given(fields ?? {}) };
}

/** Returns shipping details as Stripe returns them, or null when none were given. */
export function toShipping(fields: ReturnType<typeof shippingParams>): Stripe.PaymentIntent.Shipping | null {
  if (!fields) return null;
  const { address, carrier, name, phone, tracking_number } = fields;
  return {
    address: toAddress(address),
    carrier: carrier ?? null,
    ...(name === undefined ? {} : { name }),
    phone: phone ?? null,
    tracking_number: tracking_number ?? null,
  };
}
