import type Stripe from "stripe";
import { noAddress } from "#sandbox/stripe/customers/payment-method-object.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { clearable, object, text } from "#sandbox/stripe/protocol/params.ts";

/** The readers of a postal address. */
export const addressParams = object({
  city: clearable(text()),
  country: clearable(text()),
  line1: clearable(text()),
  line2: clearable(text()),
  postal_code: clearable(text()),
  state: clearable(text()),
});

/** The readers of whom something is shipped to. */
export const shippingParams = object({
  address: addressParams,
  carrier: text(),
  name: text(),
  phone: text(),
  tracking_number: text(),
});

/** An address with every field, as Stripe shows it. */
export function wholeAddress(fields: ReturnType<typeof addressParams>): Stripe.Address {
  return { ...noAddress, ...given(fields ?? {}) };
}

/** Whom something is shipped to, as Stripe shows it. */
export function shippingOf(fields: ReturnType<typeof shippingParams>): Stripe.PaymentIntent.Shipping | null {
  if (!fields) return null;
  const { address, carrier, name, phone, tracking_number } = fields;
  return {
    address: wholeAddress(address),
    carrier: carrier ?? null,
    ...(name === undefined ? {} : { name }),
    phone: phone ?? null,
    tracking_number: tracking_number ?? null,
  };
}
