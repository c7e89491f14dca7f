import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "#lib/core/content-security-policy.ts";
import { env } from "#lib/core/env.ts";
import { newSecret } from "#lib/core/ids.ts";

/**
 * Gives every page its content security policy, with a nonce that Next.js finds in the request's header and
 * puts on its own scripts. Pages read it from `x-nonce` for scripts of theirs, and from `x-parley-path` which
 * page somebody wanted who has to sign in first: Next.js does not tell a layout. `x-parley-stripe` says that
 * Stripe's frames may be shown in this document.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = newSecret(16);
  const stripe = paysAt(request.nextUrl.pathname) ? stripeSource() : null;
  const policy = contentSecurityPolicy({
    nonce,
    development: env().NODE_ENV === "development",
    https: env().APP_URL.startsWith("https:"),
    stripe,
    formTargets: formTargets(),
  });
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("x-parley-path", `${request.nextUrl.pathname}${request.nextUrl.search}`);
  if (stripe === null) headers.delete("x-parley-stripe");
  else headers.set("x-parley-stripe", "allowed");
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

/**
 * Pages on which something can be paid: billing itself, and those above which a payment that failed is said.
 */
function paysAt(path: string): boolean {
  return /^\/(billing|chat|keys|settings|usage)(\/|$)/.test(path);
}

function stripeSource(): "stripe" | { sandboxUrl: string } | null {
  const { STRIPE_PUBLISHABLE_KEY, SANDBOX_STRIPE_URL } = env();
  if (STRIPE_PUBLISHABLE_KEY === undefined) return null;
  return SANDBOX_STRIPE_URL === undefined ? "stripe" : { sandboxUrl: SANDBOX_STRIPE_URL };
}

/**
 * Where forms lead on: Stripe's hosted pages (or the sandbox's), and the sign-in services that are
 * configured.
 */
function formTargets(): string[] {
  const { SANDBOX_STRIPE_URL, AUTH_GOOGLE_ID, AUTH_GITHUB_ID } = env();
  return [
    ...(SANDBOX_STRIPE_URL === undefined
      ? ["https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com"]
      : [new URL(SANDBOX_STRIPE_URL).origin]),
    ...(AUTH_GOOGLE_ID === undefined ? [] : ["https://accounts.google.com"]),
    ...(AUTH_GITHUB_ID === undefined ? [] : ["https://github.com"]),
  ];
}

/**
 * Pages alone: on every path this would cost a quarter of the API's throughput. What has an extension is a
 * file, and a prefetched page gets its policy when it is opened.
 */
export const config = {
  matcher: [
    {
      source: "/((?!api/|_next/|.*\\.[a-z0-9]+$).*)",
      missing: [
        { type: "header", key: "next-router-prefetch" },
        { type: "header", key: "purpose", value: "prefetch" },
      ],
    },
  ],
};
