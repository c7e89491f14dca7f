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

export const emptyAddress: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

/** Creates an unattached card. The number is stored separately: Stripe never returns it. */
export function createCardMethod(
  world: World,
  details: CardDetails,
  at: number,
  id = newStripeId("pm"),
): Stripe.PaymentMethod {
  const testCard = findTestCard(details.number);
  const brand = testCard?.brand ?? "visa";
  const method: Stripe.PaymentMethod = {
    id,
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: {
      address: emptyAddress,
      email: details.email,
      name: details.name,
      phone: null,
      tax_id: null,
    },
    card: {
      brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: testCard?.country ?? "US",
      display_brand: brand,
      exp_month: details.expMonth,
      exp_year: details.expYear,
      fingerprint: fingerprintOf(details.number),
      funding: testCard?.funding ?? "credit",
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

export type PayerContact = { name: string | null; email: string | null };

/** Creates an unattached SEPA direct debit payment method. */
export function createDebitMethod(
  world: World,
  iban: string,
  payer: PayerContact,
  at: number,
): Stripe.PaymentMethod {
  const method = {
    ...baseMethod("sepa_debit", payer, at),
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

/** Creates an unattached payment method for bank transfers. */
export function createTransferMethod(world: World, payer: PayerContact, at: number): Stripe.PaymentMethod {
  return world.tables.paymentMethods.put({
    ...baseMethod("customer_balance", payer, at),
    customer_balance: {},
  });
}

function baseMethod(type: string, { name, email }: PayerContact, at: number): Stripe.PaymentMethod {
  return {
    id: newStripeId("pm"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: { address: emptyAddress, email, name, phone: null, tax_id: null },
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
