import { offlinePage } from "#app/_offline/offline-page.ts";

/** Rendered per request, because APP_NAME is known at run time and not at build time. */
export const dynamic = "force-dynamic";

/** The page that the service worker keeps. It contains nothing about the user. */
export function GET(): Response {
  const { html, contentSecurityPolicy } = offlinePage();
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": contentSecurityPolicy,
      "cache-control": "no-cache",
      "x-robots-tag": "noindex",
    },
  });
}
