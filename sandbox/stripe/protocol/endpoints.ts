import { planRoutes } from "#sandbox/stripe/catalog/plans.ts";
import { priceCurrencyOptions, priceRoutes } from "#sandbox/stripe/catalog/prices.ts";
import { productRoutes } from "#sandbox/stripe/catalog/product-routes.ts";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { paymentLinkRoutes } from "#sandbox/stripe/checkout/payment-links.ts";
import { paymentPageRoutes } from "#sandbox/stripe/checkout/payment-pages.ts";
import { toLineItems } from "#sandbox/stripe/checkout/session-object.ts";
import { checkoutRoutes } from "#sandbox/stripe/checkout/sessions.ts";
import { testClockRoutes } from "#sandbox/stripe/clocks/test-clocks.ts";
import { creditNoteRoutes } from "#sandbox/stripe/credit-notes/credit-notes.ts";
import { creditBalances } from "#sandbox/stripe/customers/credit-balance.ts";
import { customerBalanceRoutes } from "#sandbox/stripe/customers/customer-balance.ts";
import { customerRoutes } from "#sandbox/stripe/customers/customers.ts";
import { mandateRoutes } from "#sandbox/stripe/customers/mandates.ts";
import { paymentMethodRoutes } from "#sandbox/stripe/customers/payment-methods.ts";
import { sourceRoutes } from "#sandbox/stripe/customers/sources.ts";
import { listTaxIds, ownedTaxIdRoutes, taxIdRoutes } from "#sandbox/stripe/customers/tax-ids.ts";
import { appliesToOf, couponRoutes, currencyOptionsOf } from "#sandbox/stripe/discounts/coupons.ts";
import { customerDiscountRoutes } from "#sandbox/stripe/discounts/customer-discounts.ts";
import { promotionCodeRoutes } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { entitlementRoutes } from "#sandbox/stripe/entitlements/features.ts";
import { invoiceItemRoutes } from "#sandbox/stripe/invoices/invoice-item-routes.ts";
import { invoiceLineRoutes } from "#sandbox/stripe/invoices/invoice-line-routes.ts";
import {
  confirmationSecretOf,
  invoicePaymentRoutes,
  paymentsOf,
} from "#sandbox/stripe/invoices/invoice-payments.ts";
import { invoiceRoutes } from "#sandbox/stripe/invoices/invoices.ts";
import { balanceRoutes } from "#sandbox/stripe/payments/balance.ts";
import { bankTransferRoutes } from "#sandbox/stripe/payments/bank-transfers.ts";
import { chargeRoutes } from "#sandbox/stripe/payments/charges.ts";
import { disputeRoutes } from "#sandbox/stripe/payments/disputes.ts";
import { paymentIntentRoutes } from "#sandbox/stripe/payments/payment-intents.ts";
import { refundRoutes, refundsOf } from "#sandbox/stripe/payments/refunds.ts";
import { setupIntentRoutes } from "#sandbox/stripe/payments/setup-intents.ts";
import { portalRoutes } from "#sandbox/stripe/portal/sessions.ts";
import { accountRoutes } from "#sandbox/stripe/protocol/accounts.ts";
import type { Includable } from "#sandbox/stripe/protocol/expand.ts";
import type { Route } from "#sandbox/stripe/protocol/route.ts";
import { fraudWarningRoutes } from "#sandbox/stripe/radar/fraud-warnings.ts";
import { scheduleRoutes } from "#sandbox/stripe/schedules/schedules.ts";
import { searchRoutes } from "#sandbox/stripe/search/search-routes.ts";
import { subscriptionItemRoutes } from "#sandbox/stripe/subscriptions/subscription-items.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { subscriptionRoutes } from "#sandbox/stripe/subscriptions/subscriptions.ts";
import { meterEventRoutes } from "#sandbox/stripe/usage/meter-events.ts";
import { meterRoutes } from "#sandbox/stripe/usage/meters.ts";
import { webhookEndpointRoutes } from "#sandbox/stripe/webhooks/endpoints.ts";
import { thinEventRoutes } from "#sandbox/stripe/webhooks/event-destinations.ts";
import { eventRoutes } from "#sandbox/stripe/webhooks/events.ts";

/** All API routes. The first match wins, so literal paths precede `:id`. */
export const routes: Route[] = [
  ...searchRoutes,
  ...accountRoutes,
  ...productRoutes,
  ...planRoutes,
  ...entitlementRoutes,
  ...priceRoutes,
  ...couponRoutes,
  ...promotionCodeRoutes,
  ...customerDiscountRoutes,
  ...customerBalanceRoutes,
  ...customerRoutes,
  ...paymentMethodRoutes,
  ...mandateRoutes,
  ...sourceRoutes,
  ...taxIdRoutes,
  ...ownedTaxIdRoutes,
  ...checkoutRoutes,
  ...paymentLinkRoutes,
  ...paymentPageRoutes,
  ...subscriptionRoutes,
  ...subscriptionItemRoutes,
  ...scheduleRoutes,
  ...invoiceLineRoutes,
  ...invoiceRoutes,
  ...invoiceItemRoutes,
  ...creditNoteRoutes,
  ...invoicePaymentRoutes,
  ...paymentIntentRoutes,
  ...chargeRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...disputeRoutes,
  ...fraudWarningRoutes,
  ...balanceRoutes,
  ...bankTransferRoutes,
  ...portalRoutes,
  ...eventRoutes,
  ...thinEventRoutes,
  ...webhookEndpointRoutes,
  ...testClockRoutes,
  ...meterRoutes,
  ...meterEventRoutes,
];

/** Fields that Stripe returns only when they are expanded. */
export const includable: Includable = {
  "checkout.session": {
    line_items: (world, id) =>
      listOf(toLineItems(world, findOrder(world, id)), `/v1/checkout/sessions/${id}/line_items`),
  },
  invoice: { payments: paymentsOf, confirmation_secret: confirmationSecretOf },
  charge: { refunds: refundsOf },
  coupon: { applies_to: appliesToOf, currency_options: currencyOptionsOf },
  price: {
    currency_options: priceCurrencyOptions,
    tiers: (world, id) => world.tables.priceTiers.get(id)?.tiers,
  },
  customer: {
    invoice_credit_balance: creditBalances,
    tax: (world, id) => ({
      automatic_tax: world.tables.customers.get(id)?.address?.country ? "supported" : "unrecognized_location",
      ip_address: null,
      location: null,
      provider: "stripe",
    }),
    tax_ids: listTaxIds,
    subscriptions: (world, id) =>
      listOf(
        world.tables.subscriptions.filter((row) => row.customer === id && isRunning(row)),
        `/v1/customers/${id}/subscriptions`,
      ),
  },
};

function listOf(data: unknown[], url: string): object {
  return { object: "list", data, has_more: false, url };
}
