import type { Sandbox } from "#sandbox/stripe/control/control-api.ts";
import { handleAuthentication } from "#sandbox/stripe/pages/authenticate-page.ts";
import {
  handleCheckout,
  handleEmbeddedCheckout,
  handlePaymentLink,
  handleRecovery,
} from "#sandbox/stripe/pages/checkout-page.ts";
import { handleDashboard } from "#sandbox/stripe/pages/dashboard.ts";
import { handleEventPage } from "#sandbox/stripe/pages/event-page.ts";
import {
  handleInvoicePage,
  renderCreditNotePdf,
  renderInvoicePdf,
} from "#sandbox/stripe/pages/invoice-page.ts";
import { notice, type PageRequest, type PageResponse } from "#sandbox/stripe/pages/layout.ts";
import { handlePortal } from "#sandbox/stripe/pages/portal-page.ts";
import { serveStripeJs } from "#sandbox/stripe/pages/stripe-js.ts";

type Page = {
  pattern: RegExp;
  answer: (sandbox: Sandbox, id: string, request: PageRequest) => PageResponse | Promise<PageResponse>;
};

const pages: Page[] = [
  {
    pattern: /^\/(?:subscriptions|invoices|payments|events|webhooks)?$/,
    answer: (sandbox, _id, request) => handleDashboard(sandbox, request),
  },
  { pattern: /^\/events\/([^/]+)$/, answer: handleEventPage },
  { pattern: /^\/c\/pay\/([^/]+)$/, answer: ({ world }, id, request) => handleCheckout(world, id, request) },
  {
    pattern: /^\/c\/embed\/([^/]+)$/,
    answer: ({ world }, id, request) => handleEmbeddedCheckout(world, id, request),
  },
  { pattern: /^\/c\/recover\/([^/]+)$/, answer: ({ world }, id) => handleRecovery(world, id) },
  { pattern: /^\/pay\/([^/]+)$/, answer: ({ world }, code) => handlePaymentLink(world, code) },
  { pattern: /^\/c\/complete$/, answer: () => notice("Payment complete", "Thanks for your payment.", null) },
  // The paths of Stripe.js at js.stripe.com: one per release, and the older common one.
  { pattern: /^\/(?:v3\/?|[a-z0-9]+\/stripe\.js)$/, answer: ({ world }) => serveStripeJs(world.baseUrl) },
  {
    pattern: /^\/authenticate\/([^/]+)$/,
    answer: ({ world }, id, request) => handleAuthentication(world, id, request),
  },
  {
    pattern: /^\/invoices\/([^/]+)$/,
    answer: ({ world }, id, request) => handleInvoicePage(world, id, request),
  },
  { pattern: /^\/invoices\/([^/]+)\/pdf$/, answer: ({ world }, id) => renderInvoicePdf(world, id) },
  { pattern: /^\/credit_notes\/([^/]+)\/pdf$/, answer: ({ world }, id) => renderCreditNotePdf(world, id) },
  {
    pattern: /^\/p\/session\/([^/]+)$/,
    answer: ({ world }, id, request) => handlePortal(world, id, request),
  },
];

/** Handles the HTML pages: Checkout, bank, portal, invoice, dashboard. */
export async function handlePage(sandbox: Sandbox, request: PageRequest): Promise<PageResponse> {
  for (const { pattern, answer } of pages) {
    const match = pattern.exec(request.path);
    if (match) return answer(sandbox, decodeURIComponent(match[1] ?? ""), request);
  }
  return notice("Not found", "This page doesn't exist.", { href: "/", label: "Dashboard" }, 404);
}
