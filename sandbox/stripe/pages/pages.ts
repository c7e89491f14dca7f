import type { Sandbox } from "#sandbox/stripe/clocks/control.ts";
import { answerAuthentication } from "#sandbox/stripe/pages/authenticate-page.ts";
import { answerCheckout, answerEmbeddedCheckout } from "#sandbox/stripe/pages/checkout-page.ts";
import { answerDashboard } from "#sandbox/stripe/pages/dashboard.ts";
import { answerEvent } from "#sandbox/stripe/pages/event-page.ts";
import { answerCreditNotePdf, answerInvoice, answerInvoicePdf } from "#sandbox/stripe/pages/invoice-page.ts";
import { notice, type PageAnswer, type PageRequest } from "#sandbox/stripe/pages/layout.ts";
import { answerPortal } from "#sandbox/stripe/pages/portal-page.ts";
import { answerStripeJs } from "#sandbox/stripe/pages/stripe-js.ts";

type Page = {
  pattern: RegExp;
  answer: (sandbox: Sandbox, id: string, request: PageRequest) => PageAnswer | Promise<PageAnswer>;
};

const pages: Page[] = [
  {
    pattern: /^\/(?:subscriptions|invoices|payments|events|webhooks)?$/,
    answer: (sandbox, _id, request) => answerDashboard(sandbox, request),
  },
  { pattern: /^\/events\/([^/]+)$/, answer: answerEvent },
  { pattern: /^\/c\/pay\/([^/]+)$/, answer: ({ world }, id, request) => answerCheckout(world, id, request) },
  {
    pattern: /^\/c\/embed\/([^/]+)$/,
    answer: ({ world }, id, request) => answerEmbeddedCheckout(world, id, request),
  },
  // The addresses that Stripe.js has at js.stripe.com: one for each release, and the older one for all.
  { pattern: /^\/(?:v3\/?|[a-z0-9]+\/stripe\.js)$/, answer: ({ world }) => answerStripeJs(world.baseUrl) },
  {
    pattern: /^\/authenticate\/([^/]+)$/,
    answer: ({ world }, id, request) => answerAuthentication(world, id, request),
  },
  { pattern: /^\/invoices\/([^/]+)$/, answer: ({ world }, id, request) => answerInvoice(world, id, request) },
  { pattern: /^\/invoices\/([^/]+)\/pdf$/, answer: ({ world }, id) => answerInvoicePdf(world, id) },
  { pattern: /^\/credit_notes\/([^/]+)\/pdf$/, answer: ({ world }, id) => answerCreditNotePdf(world, id) },
  {
    pattern: /^\/p\/session\/([^/]+)$/,
    answer: ({ world }, id, request) => answerPortal(world, id, request),
  },
];

/** Answers a page for people: Checkout, bank, portal, invoice, dashboard. */
export async function answerPage(sandbox: Sandbox, request: PageRequest): Promise<PageAnswer> {
  for (const { pattern, answer } of pages) {
    const match = pattern.exec(request.path);
    if (match) return answer(sandbox, decodeURIComponent(match[1] ?? ""), request);
  }
  return notice("Not found", "The sandbox has no such page.", { href: "/", label: "To the dashboard" }, 404);
}
