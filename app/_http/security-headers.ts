/**
 * For every answer, whoever asks and whoever carries it: next.config.mjs gives them to Next.js, serve.ts to the rest. Pages get
 * their content security policy from proxy.ts, with a nonce of their own.
 */
export const securityHeaders: { key: string; value: string }[] = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  // Browsers heed this over TLS alone, so that it does no harm on a developer's machine.
  { key: "Strict-Transport-Security", value: "max-age=31536000" },
];
