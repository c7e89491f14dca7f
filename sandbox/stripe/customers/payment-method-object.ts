import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type CardDetails = {
  number: string;
  expMonth: number;
  expYear: number;
  name: string | null;
  email: string | null;
};

export const noAddress: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

/** Makes a card payment method that belongs to nobody yet. The number is kept apart, as Stripe does. */
export function createCardMethod(
  world: World,
  details: CardDetails,
  at: number,
  id = newStripeId("pm"),
): Stripe.PaymentMethod {
  const known = findTestCard(details.number);
  const brand = known?.brand ?? "visa";
  const method: Stripe.PaymentMethod = {
    id,
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: {
      address: noAddress,
      email: details.email,
      name: details.name,
      phone: null,
      tax_id: null,
    },
    card: {
      brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: known?.country ?? "US",
      display_brand: brand,
      exp_month: details.expMonth,
      exp_year: details.expYear,
      fingerprint: fingerprintOf(details.number),
      funding: known?.funding ?? "credit",
      generated_from: null,
      last4: details.number.slice(-4),
      networks: { available: [brand], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: at,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: "card",
  };
  world.tables.cards.put({ id: method.id, number: details.number, authenticated: false });
  return world.tables.paymentMethods.put(method);
}

export type Payer = { name: string | null; email: string | null };

/** Makes a bank account (SEPA) payment method that belongs to nobody yet. */
export function createDebitMethod(
  world: World,
  iban: string,
  payer: Payer,
  at: number,
): Stripe.PaymentMethod {
  const method = {
    ...bareMethod("sepa_debit", payer, at),
    sepa_debit: {
      bank_code: iban.slice(4, 9),
      branch_code: "",
      country: iban.slice(0, 2),
      fingerprint: fingerprintOf(iban),
      generated_from: null,
      last4: iban.slice(-4),
    },
  };
  world.tables.cards.put({ id: method.id, number: iban, authenticated: false });
  return world.tables.paymentMethods.put(method);
}

/** Makes a payment method for paying by bank transfer. */
export function createTransferMethod(world: World, payer: Payer, at: number): Stripe.PaymentMethod {
  return world.tables.paymentMethods.put({
    ...bareMethod("customer_balance", payer, at),
    customer_balance: {},
  });
}

function bareMethod(type: string, { name, email }: Payer, at: number): Stripe.PaymentMethod {
  return {
    id: newStripeId("pm"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: { address: noAddress, email, name, phone: null, tax_id: null },
    created: at,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
  };
}

function fingerprintOf(number: string): string {
  return createHash("sha256").update(number).digest("hex").slice(0, 16);
}
