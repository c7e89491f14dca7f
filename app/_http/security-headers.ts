/**
 * Headers of every response: next.config.mjs adds them to what Next.js sends, dispatcher.ts to the API. Pages
 * also get a content security policy with a nonce from proxy.ts.
 */
export const securityHeaders: { key: string; value: string }[] = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  // Other sites cannot embed our answers; CORS requests, which carry no cookie, are not affected.
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  // Browsers ignore this header over plain HTTP, so development is unaffected.
  { key: "Strict-Transport-Security", value: "max-age=31536000; includeSubDomains" },
];
