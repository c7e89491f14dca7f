import type Stripe from "stripe";
import { addressParams, toAddress } from "#sandbox/stripe/customers/address-params.ts";
import {
  createCardMethod,
  createDebitMethod,
  createTransferMethod,
  type PayerContact,
} from "#sandbox/stripe/customers/payment-method-object.ts";
import { findTestCardNumber } from "#sandbox/stripe/customers/test-payment-methods.ts";
import { isTestAccount } from "#sandbox/stripe/payments/test-accounts.ts";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { object, oneOf, pairs, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The parameters of a payment method, also accepted as `payment_method_data` of a payment. */
export const methodParams = {
  type: required(oneOf("card", "sepa_debit", "customer_balance")),
  allow_redisplay: oneOf("always", "limited", "unspecified"),
  card: object({ number: text(), exp_month: whole(), exp_year: whole(), cvc: text(), token: text() }),
  sepa_debit: object({ iban: required(text()) }),
  billing_details: object({ address: addressParams, email: email(), name: text(), phone: text() }),
  metadata: pairs(),
};
const methodData = object(methodParams);
type MethodFields = NonNullable<ReturnType<typeof methodData>>;

/**
 * Creates an unattached payment method. Throws 402 `incorrect_number` for a number that is not a test card.
 */
export function createMethod(
  world: World,
  fields: MethodFields,
  at = world.now(),
  id = newStripeId("pm"),
): Stripe.PaymentMethod {
  const method = createBareMethod(world, fields, at, id);
  const { address, phone } = fields.billing_details ?? {};
  return world.tables.paymentMethods.put({
    ...method,
    allow_redisplay: fields.allow_redisplay ?? "unspecified",
    billing_details: { ...method.billing_details, address: toAddress(address), phone: phone ?? null },
    metadata: mergeMetadata({}, fields.metadata),
  });
}

/** Parses `payment_method_data`. */
export const methodDataParams = methodData;

function createBareMethod(world: World, fields: MethodFields, at: number, id: string): Stripe.PaymentMethod {
  if (fields.type === "card") return createCard(world, fields, at, id);
  const payer = { name: fields.billing_details?.name ?? null, email: fields.billing_details?.email ?? null };
  return fields.type === "sepa_debit"
    ? createDebit(world, fields.sepa_debit?.iban ?? "", payer, at)
    : createTransferMethod(world, payer, at);
}

function createCard(world: World, { card, billing_details: billing }: MethodFields, at: number, id: string) {
  const number = card?.token ? findTestCardNumber(card.token) : card?.number?.replaceAll(" ", "");
  if (number === undefined)
    throw invalid("Missing required param: card[number].", "card[number]", "parameter_missing");
  if (!findTestCard(number)) {
    throw new StripeFailure(402, "card_error", "Your card number is incorrect.", {
      code: "incorrect_number",
      param: "number",
    });
  }
  const details = {
    number,
    expMonth: card?.exp_month ?? 12,
    expYear: card?.exp_year ?? new Date(at * 1000).getUTCFullYear() + 3,
    name: billing?.name ?? null,
    email: billing?.email ?? null,
  };
  return createCardMethod(world, details, at, id);
}

function createDebit(world: World, formattedIban: string, payer: PayerContact, at: number) {
  const iban = formattedIban.replaceAll(" ", "");
  if (!isTestAccount(iban)) {
    throw invalid("The IBAN you provided is invalid.", "sepa_debit[iban]", "invalid_bank_account_iban");
  }
  return createDebitMethod(world, iban, payer, at);
}
