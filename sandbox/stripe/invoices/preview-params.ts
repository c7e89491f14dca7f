import type Stripe from "stripe";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { itemParams } from "#sandbox/stripe/invoices/item-params.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import {
  decimal,
  flag,
  list,
  object,
  oneOf,
  paramsOf,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { changeParams } from "#sandbox/stripe/subscriptions/change-params.ts";

const { pricing: _pricing, ...previewableParams } = itemParams;
/** Parser of `invoice_items`: items that a preview adds to the pending ones. */
const previewItemsParam = list(
  object({
    ...previewableParams,
    currency: currency(),
    discounts: discountsParam,
    price: text(),
    unit_amount: whole(),
    unit_amount_decimal: decimal(),
  }),
);

/** The parameters of an invoice preview. */
export const previewParams = paramsOf<Stripe.InvoiceCreatePreviewParams>()({
  currency: currency(),
  customer: text(),
  discounts: discountsParam,
  invoice_items: previewItemsParam,
  preview_mode: oneOf("next"),
  schedule: text(),
  subscription: text(),
  subscription_details: object({ ...changeParams, cancel_now: flag() }),
});
export type PreviewParams = ReturnType<typeof previewParams>;
