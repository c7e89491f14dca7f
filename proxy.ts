import { type NextRequest, NextResponse } from "next/server";
import { isWorkspacePath } from "#app/pages.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { contentSecurityPolicy } from "#lib/core/content-security-policy.ts";
import { env } from "#lib/core/env.ts";
import { newSecret } from "#lib/core/ids.ts";

/**
 * Sets the content security policy of a page, with a nonce. Next.js reads the nonce from the policy in the
 * request headers and adds it to its own scripts. Further request headers for layouts and pages: `x-nonce`,
 * `x-parley-path` (the requested path, to return to after signing in), and `x-parley-stripe` (the policy
 * allows Stripe's frames).
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = newSecret(16);
  const stripe = isWorkspacePath(request.nextUrl.pathname) ? stripeSource() : null;
  const policy = contentSecurityPolicy({
    nonce,
    development: env().NODE_ENV === "development",
    https: env().APP_URL.startsWith("https:"),
    stripe,
    imageHosts: imageHostsSetting.current(),
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
  if (request.nextUrl.pathname.startsWith("/share/"))
    response.headers.set("x-robots-tag", "noindex, nofollow, noarchive");
  return response;
}

/** Where Stripe.js is loaded from: Stripe, the sandbox, or nowhere if no publishable key is configured. */
function stripeSource(): "stripe" | { sandboxUrl: string } | null {
  const { STRIPE_PUBLISHABLE_KEY, SANDBOX_STRIPE_URL } = env();
  if (STRIPE_PUBLISHABLE_KEY === undefined) return null;
  return SANDBOX_STRIPE_URL === undefined ? "stripe" : { sandboxUrl: SANDBOX_STRIPE_URL };
}

/**
 * The sites that forms may redirect to: Stripe's hosted pages (or the sandbox's) and the configured OAuth
 * providers.
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
 * Runs for pages only: on API routes it would cost a quarter of their throughput. Static files are excluded
 * by name, so that a page whose path contains a dot gets a policy. Prefetches are included, because a browser
 * keeps the document of a prefetch when it is opened.
 */
export const config = {
  matcher: [
    {
      // Next.js requires a literal here; app/static-files.test.ts compares it with public/.
      source:
        "/((?!api/|_next/|(?:favicon\\.ico|icon\\.svg|icon-192\\.png|icon-512\\.png|icon-maskable-512\\.png|apple-touch-icon\\.png|social-preview\\.png|screenshot-wide\\.png|landing-de-dark-960\\.webp|landing-de-dark-1920\\.webp|landing-de-light-960\\.webp|landing-de-light-1920\\.webp|landing-en-dark-960\\.webp|landing-en-dark-1920\\.webp|landing-en-light-960\\.webp|landing-en-light-1920\\.webp|screenshot-narrow\\.png|sw\\.js|manifest\\.webmanifest|offline\\.html|robots\\.txt)$).*)",
    },
  ],
};
