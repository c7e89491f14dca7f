import type Stripe from "stripe";
import {
  clearable,
  count,
  flag,
  list,
  object,
  oneOf,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";

const message = clearable(object({ message: required(text()) }));
const lengthBounds = object({ default_value: text(), maximum_length: count(), minimum_length: count() });

/** Whether the buyer may change a quantity, and its bounds. */
export const adjustableQuantity = object({ enabled: required(flag()), maximum: count(), minimum: count() });
/** The parameters of what the payment page shows and asks for. */
export const sessionOptionParams = {
  after_expiration: object({
    recovery: object({ allow_promotion_codes: flag(), enabled: required(flag()) }),
  }),
  billing_address_collection: oneOf("auto", "required"),
  consent_collection: object({
    payment_method_reuse_agreement: object({ position: required(oneOf("auto", "hidden")) }),
    promotions: oneOf("auto", "none"),
    terms_of_service: oneOf("none", "required"),
  }),
  custom_fields: list(
    object({
      dropdown: object({
        default_value: text(),
        options: required(list(object({ label: required(text()), value: required(text()) }))),
      }),
      key: required(text()),
      label: required(object({ custom: required(text()), type: required(oneOf("custom")) })),
      numeric: lengthBounds,
      optional: flag(),
      text: lengthBounds,
      type: required(oneOf("dropdown", "numeric", "text")),
    }),
  ),
  custom_text: object({
    after_submit: message,
    shipping_address: message,
    submit: message,
    terms_of_service_acceptance: message,
  }),
  optional_items: list(
    object({ adjustable_quantity: adjustableQuantity, price: required(text()), quantity: required(count()) }),
  ),
  phone_number_collection: object({ enabled: required(flag()) }),
  submit_type: oneOf("auto", "book", "donate", "pay", "subscribe"),
};
type OptionReaders = typeof sessionOptionParams;
export type SessionOptions = { [K in keyof OptionReaders]: ReturnType<OptionReaders[K]> };

/** The fields of a session that repeat what the page shows and asks for. */
export function optionFields(params: SessionOptions): Partial<Stripe.Checkout.Session> {
  const recovery = params.after_expiration?.recovery;
  const consent = params.consent_collection;
  return {
    after_expiration: recovery
      ? {
          recovery: {
            allow_promotion_codes: recovery.allow_promotion_codes ?? false,
            enabled: recovery.enabled,
            expires_at: null,
            url: null,
          },
        }
      : null,
    billing_address_collection: params.billing_address_collection ?? null,
    consent_collection: consent
      ? {
          payment_method_reuse_agreement: consent.payment_method_reuse_agreement ?? null,
          promotions: consent.promotions ?? null,
          terms_of_service: consent.terms_of_service ?? null,
        }
      : null,
    custom_fields: (params.custom_fields ?? []).map(toCustomField),
    custom_text: {
      after_submit: params.custom_text?.after_submit ?? null,
      shipping_address: params.custom_text?.shipping_address ?? null,
      submit: params.custom_text?.submit ?? null,
      terms_of_service_acceptance: params.custom_text?.terms_of_service_acceptance ?? null,
    },
    optional_items: params.optional_items ? params.optional_items.map(toOptionalItem) : null,
    phone_number_collection: { enabled: params.phone_number_collection?.enabled ?? false },
    submit_type: params.submit_type ?? null,
  };
}

/** The bounds of a quantity that the buyer may change; null if it is fixed. */
export function toAdjustable(
  wanted: ReturnType<typeof adjustableQuantity>,
): Stripe.LineItem.AdjustableQuantity | null {
  if (!wanted?.enabled) return null;
  return { enabled: true, maximum: wanted.maximum ?? 99, minimum: wanted.minimum ?? 0 };
}

function toOptionalItem(
  item: NonNullable<SessionOptions["optional_items"]>[number],
): Stripe.Checkout.Session.OptionalItem {
  return {
    adjustable_quantity: toAdjustable(item.adjustable_quantity),
    price: item.price,
    quantity: item.quantity,
  };
}

function toCustomField(
  field: NonNullable<SessionOptions["custom_fields"]>[number],
): Stripe.Checkout.Session.CustomField {
  const bounds = (given: ReturnType<typeof lengthBounds>) => ({
    default_value: given?.default_value ?? null,
    maximum_length: given?.maximum_length ?? null,
    minimum_length: given?.minimum_length ?? null,
    value: null,
  });
  return {
    key: field.key,
    label: field.label,
    optional: field.optional ?? false,
    type: field.type,
    ...(field.type === "dropdown"
      ? {
          dropdown: {
            default_value: field.dropdown?.default_value ?? null,
            options: field.dropdown?.options ?? [],
            value: null,
          },
        }
      : {}),
    ...(field.type === "numeric" ? { numeric: bounds(field.numeric) } : {}),
    ...(field.type === "text" ? { text: bounds(field.text) } : {}),
  };
}
