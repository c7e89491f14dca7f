import type Stripe from "stripe";
import type { CheckoutPayer } from "#sandbox/stripe/checkout/complete-session.ts";
import {
  type CardFields,
  cardFields,
  cardFieldsOf,
  readCard,
  testCardHelp,
} from "#sandbox/stripe/pages/card-form.ts";
import { debitFields, readIban, testAccountHelp } from "#sandbox/stripe/pages/debit-form.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";

type MethodType = "card" | "sepa_debit";
/** The payment fields of a submitted Checkout form, shown again after an error. */
export type PaymentFields = { type: MethodType; card: CardFields; iban: string; accountName: string };

/** The payment fields of a form that has not been submitted. */
export function emptyPaymentFields(session: Stripe.Checkout.Session, name: string): PaymentFields {
  const card = { number: "", expiry: "", cvc: "", name };
  return { type: offeredTypes(session)[0] ?? "card", card, iban: "", accountName: name };
}

/** Reads the payment fields of a submitted form. */
export function paymentFieldsOf(session: Stripe.Checkout.Session, form: URLSearchParams): PaymentFields {
  const offered = offeredTypes(session);
  const type = offered.find((each) => each === form.get("method")) ?? offered[0] ?? "card";
  const accountName = (form.get("account_name") ?? "").trim();
  return { type, card: cardFieldsOf(form), iban: form.get("iban") ?? "", accountName };
}

/** Validates the payment fields and returns what they pay with, or an error message. */
export function readPayment(
  { type, card, iban, accountName }: PaymentFields,
  nowSeconds: number,
): Pick<CheckoutPayer, "card" | "iban" | "name"> | { message: string } {
  if (type === "card") {
    const read = readCard(card, nowSeconds);
    return "message" in read ? read : { card: read.card, name: card.name };
  }
  const read = readIban(iban);
  if ("message" in read) return read;
  if (accountName === "") return { message: "Enter the name of the account holder." };
  return { card: null, iban: read.iban, name: accountName };
}

/** Renders the fields of the payment methods that the session allows, with a choice if it allows both. */
export function renderPaymentFields(session: Stripe.Checkout.Session, fields: PaymentFields): Html {
  const offered = offeredTypes(session);
  const isChoice = offered.length > 1;
  const card = html`${cardFields(fields.card, !isChoice)}${testCardHelp()}`;
  const debit = html`${debitFields(fields.iban, fields.accountName)}${testAccountHelp()}`;
  if (!isChoice) return offered[0] === "sepa_debit" ? debit : card;
  const option = (type: MethodType, label: string) =>
    html`<label class="choice"><input type="radio" name="method" value="${type}" ${fields.type === type && html`checked`}> ${label}</label>`;
  return html`<fieldset class="methods"><legend>Payment method</legend>
${option("card", "Card")}
<div class="of-card">${card}</div>
${option("sepa_debit", "SEPA Direct Debit")}
<div class="of-debit">${debit}</div></fieldset>`;
}

function offeredTypes(session: Stripe.Checkout.Session): MethodType[] {
  return session.payment_method_types.flatMap((type) =>
    type === "card" || type === "sepa_debit" ? [type] : [],
  );
}
