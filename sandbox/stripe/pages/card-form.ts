import type { CardDetails } from "#sandbox/stripe/customers/payment-method-object.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { findTestCard, testCards } from "#sandbox/stripe/payments/test-cards.ts";

export type CardFields = { number: string; expiry: string; cvc: string; name: string };
type ReadCard = { card: Omit<CardDetails, "name" | "email"> } | { message: string };

/** Card fields of a submitted form, shown again after an error. The CVC is not shown again. */
export function cardFieldsOf(form: URLSearchParams): CardFields {
  return {
    number: form.get("number") ?? "",
    expiry: form.get("expiry") ?? "",
    cvc: form.get("cvc") ?? "",
    name: form.get("name") ?? "",
  };
}

const english = {
  number: "Card number",
  expiry: "Expiry (MM / YY)",
  cvc: "CVC",
  name: "Name on card",
  fill: "Fill in test card",
  others: "Other test cards",
  list: "Test cards",
  cardNumber: "Number",
  behavior: "Behavior",
};
/** The form's labels by language (ISO 639-1); the behavior of test cards is documented in English only. */
const labels: Record<string, typeof english> = {
  en: english,
  de: {
    number: "Kartennummer",
    expiry: "Gültig bis (MM / JJ)",
    cvc: "Prüfnummer (CVC)",
    name: "Name auf der Karte",
    fill: "Testkarte eintragen",
    others: "Weitere Testkarten",
    list: "Testkarten",
    cardNumber: "Nummer",
    behavior: "Verhalten",
  },
};

/** Renders the card fields; they are optional in the browser where another method can be chosen. */
export function cardFields(fields: CardFields, isRequired = true, language = "en"): Html {
  const label = labels[language] ?? english;
  const required = isRequired && html`required`;
  return html`<div class="field">
<label for="number">${label.number}</label>
<input id="number" name="number" value="${fields.number}" inputmode="numeric" autocomplete="cc-number" placeholder="4242 4242 4242 4242" ${required} maxlength="23">
</div>
<div class="row">
<div class="field"><label for="expiry">${label.expiry}</label>
<input id="expiry" name="expiry" value="${fields.expiry}" inputmode="numeric" autocomplete="cc-exp" placeholder="12 / 34" ${required} maxlength="9"></div>
<div class="field"><label for="cvc">${label.cvc}</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="123" ${required} maxlength="4"></div>
</div>
<div class="field"><label for="name">${label.name}</label>
<input id="name" name="name" value="${fields.name}" autocomplete="cc-name" ${required} maxlength="100"></div>`;
}

/** Renders the button that fills in a valid test card, and the list of other test cards. */
export function testCardHelp(language = "en"): Html {
  const label = labels[language] ?? english;
  const fill = JSON.stringify({
    number: "4242 4242 4242 4242",
    expiry: "12 / 34",
    cvc: "123",
    name: "Ada Lovelace",
    email: "ada@example.com",
  });
  return html`<p><button type="button" data-fill="${fill}">${label.fill}</button></p>
<details><summary>${label.others}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${label.list}"><table>
<thead><tr><th scope="col">${label.cardNumber}</th><th scope="col">${label.behavior}</th></tr></thead>
<tbody>${testCards.map((card) => html`<tr><td>${card.number}</td><td>${card.label}</td></tr>`)}</tbody>
</table></div></details>`;
}

/** Validates the card fields and returns the card or an error message. */
export function readCard(fields: CardFields, nowSeconds: number): ReadCard {
  const number = fields.number.replace(/[\s-]/g, "");
  if (!/^\d{13,19}$/.test(number)) return { message: "Your card number is incomplete." };
  if (!findTestCard(number)) {
    return { message: "Use a test card, such as 4242 4242 4242 4242." };
  }
  const expiry = /^\s*(\d{1,2})\s*\/?\s*(\d{2}|\d{4})\s*$/.exec(fields.expiry);
  const month = Number(expiry?.[1]);
  const year = Number(expiry?.[2]) + (expiry?.[2]?.length === 2 ? 2000 : 0);
  if (!expiry || month < 1 || month > 12) return { message: "Your card's expiry date is incomplete." };
  if (Date.UTC(year, month, 1) / 1000 <= nowSeconds)
    return { message: "Your card's expiry date is in the past." };
  if (!/^\d{3,4}$/.test(fields.cvc)) return { message: "Your card's security code is incomplete." };
  return { card: { number, expMonth: month, expYear: year } };
}
