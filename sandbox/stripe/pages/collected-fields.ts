import type Stripe from "stripe";
import { emptyAddress } from "#sandbox/stripe/customers/payment-method-object.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import type { CollectedDetails } from "#sandbox/stripe/state/tables.ts";

type Session = Stripe.Checkout.Session;
type CustomField = Stripe.Checkout.Session.CustomField;

/** Renders the fields that the session asks for besides email and payment method. */
export function collectedFields(session: Session): Html {
  const asksAddress = session.billing_address_collection === "required";
  const terms = session.custom_text.terms_of_service_acceptance?.message;
  return html`${session.phone_number_collection?.enabled && field("phone", "Phone number", html`type="tel" autocomplete="tel" required`)}
${asksAddress && addressFields()}
${session.custom_fields.map(customField)}
${
  session.consent_collection?.promotions === "auto" &&
  html`<label class="choice"><input type="checkbox" name="promotions" value="yes"> Send me news and offers</label>`
}
${
  session.consent_collection?.terms_of_service === "required" &&
  html`<label class="choice"><input type="checkbox" name="terms" value="yes" required> ${terms ?? "I agree to the Terms of Service and Privacy Policy"}</label>`
}`;
}

/** Reads and validates those fields. */
export function readCollected(
  session: Session,
  form: URLSearchParams,
): { details: CollectedDetails } | { message: string } {
  const value = (name: string) => (form.get(name) ?? "").trim();
  const phone = session.phone_number_collection?.enabled ? value("phone") : "";
  if (session.phone_number_collection?.enabled && phone.length < 5)
    return { message: "Enter your phone number." };
  const address = {
    ...emptyAddress,
    country: value("country") || null,
    line1: value("line1") || null,
    city: value("city") || null,
    postal_code: value("postal_code") || null,
  };
  if (session.billing_address_collection === "required" && !(address.country && address.line1)) {
    return { message: "Enter your billing address." };
  }
  const accepts = session.consent_collection?.terms_of_service === "required";
  if (accepts && value("terms") !== "yes") return { message: "Agree to the terms to continue." };
  const fields = session.custom_fields.map((each) => withValue(each, value(`custom_${each.key}`)));
  const missing = session.custom_fields.find((each) => !each.optional && value(`custom_${each.key}`) === "");
  if (missing) return { message: `Fill in "${missing.label.custom ?? missing.key}".` };
  const asksPromotions = session.consent_collection?.promotions === "auto";
  return {
    details: {
      address: address.country ? address : null,
      phone: phone || null,
      customFields: fields,
      consent: session.consent_collection
        ? {
            promotions: asksPromotions ? (value("promotions") === "yes" ? "opt_in" : "opt_out") : null,
            terms_of_service: accepts ? "accepted" : null,
          }
        : null,
    },
  };
}

function field(name: string, label: string, attributes: Html): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" maxlength="200" ${attributes}></div>`;
}

function addressFields(): Html {
  return html`${field("country", "Country (two letters)", html`autocomplete="country" required pattern="[A-Za-z]{2}"`)}
${field("line1", "Address", html`autocomplete="address-line1" required`)}
${field("city", "City", html`autocomplete="address-level2"`)}
${field("postal_code", "Postal code", html`autocomplete="postal-code"`)}`;
}

function customField(custom: CustomField): Html {
  const name = `custom_${custom.key}`;
  const label = `${custom.label.custom ?? custom.key}${custom.optional ? " (optional)" : ""}`;
  const required = !custom.optional && html`required`;
  if (custom.dropdown) {
    return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}" ${required}>
<option value=""></option>${custom.dropdown.options.map((option) => html`<option value="${option.value}">${option.label}</option>`)}</select></div>`;
  }
  const mode = custom.numeric ? html`inputmode="numeric" pattern="[0-9]*"` : false;
  const initial = custom.text?.default_value ?? custom.numeric?.default_value ?? "";
  return field(name, label, html`value="${initial}" ${required} ${mode}`);
}

function withValue(custom: CustomField, value: string): CustomField {
  const filled = value === "" ? null : value;
  return {
    ...custom,
    ...(custom.dropdown ? { dropdown: { ...custom.dropdown, value: filled } } : {}),
    ...(custom.numeric ? { numeric: { ...custom.numeric, value: filled } } : {}),
    ...(custom.text ? { text: { ...custom.text, value: filled } } : {}),
  };
}
