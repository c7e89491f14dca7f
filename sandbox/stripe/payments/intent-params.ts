import type Stripe from "stripe";
import { shippingParams } from "#sandbox/stripe/customers/address-params.ts";
import { methodDataParams } from "#sandbox/stripe/customers/create-method.ts";
import { confirmFields } from "#sandbox/stripe/payments/confirm-call.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import {
  clearable,
  flag,
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

const usage = oneOf("on_session", "off_session");
const captureMethod = oneOf("automatic", "automatic_async", "manual");
export const intentCreateParams = paramsOf<Stripe.PaymentIntentCreateParams>()({
  ...confirmFields,
  amount: required(whole()),
  currency: required(currency()),
  allowed_payment_method_types: list(oneOf("card", "sepa_debit", "customer_balance")),
  automatic_payment_methods: object({
    enabled: required(flag()),
    allow_redirects: oneOf("always", "never"),
  }),
  capture_method: captureMethod,
  confirm: flag(),
  confirmation_method: oneOf("automatic", "manual"),
  customer: text(),
  description: text(),
  metadata: pairs(),
  payment_method_options: object({
    customer_balance: object({
      bank_transfer: object({
        type: required(
          oneOf(
            "eu_bank_transfer",
            "gb_bank_transfer",
            "jp_bank_transfer",
            "mx_bank_transfer",
            "us_bank_transfer",
          ),
        ),
      }),
      funding_type: oneOf("bank_transfer"),
    }),
  }),
  statement_descriptor: text(),
  statement_descriptor_suffix: text(),
});
export const intentUpdateParams = paramsOf<Stripe.PaymentIntentUpdateParams>()({
  amount: whole(),
  capture_method: captureMethod,
  currency: currency(),
  customer: text(),
  description: clearable(text()),
  metadata: pairs(),
  payment_method: clearable(text()),
  payment_method_data: methodDataParams,
  receipt_email: clearable(email()),
  setup_future_usage: clearable(usage),
  shipping: clearable(shippingParams),
  statement_descriptor: text(),
  statement_descriptor_suffix: text(),
});
export const intentConfirmParams = paramsOf<Stripe.PaymentIntentConfirmParams>()({
  ...confirmFields,
  capture_method: captureMethod,
});
export const intentCaptureParams = paramsOf<Stripe.PaymentIntentCaptureParams>()({
  amount_to_capture: whole(),
  metadata: pairs(),
});
export const intentCancelParams = paramsOf<Stripe.PaymentIntentCancelParams>()({
  cancellation_reason: oneOf("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
});
export const intentListParams = paramsOf<Stripe.PaymentIntentListParams>()({
  created: range(),
  customer: text(),
});
