type PolicyInput = {
  /** Fresh for each page; the only inline scripts that run carry it. */
  nonce: string;
  /** next dev compiles with eval and keeps a WebSocket open. */
  development: boolean;
  /** Whether people reach the app over TLS. */
  https: boolean;
  /** Whether Stripe.js may be loaded, to confirm a payment inside the app. */
  stripeJs: boolean;
  /** Origins that a submitted form may end up at: hosted payment pages, sign-in services. */
  formTargets: string[];
};

/**
 * The policy of every page. Scripts run by nonce alone. Styles may be inline, because Radix and KaTeX write them, and
 * without scripts or foreign images they can carry nothing away. Images come from here, so that an answer's Markdown
 * cannot send a secret to somebody else's server by asking for a picture.
 */
export function contentSecurityPolicy(input: PolicyInput): string {
  const stripe = (origin: string) => (input.stripeJs ? [origin] : []);
  const directives: Record<string, string[]> = {
    "default-src": ["'self'"],
    "script-src": [
      "'self'",
      `'nonce-${input.nonce}'`,
      "'strict-dynamic'",
      "'wasm-unsafe-eval'",
      ...(input.development ? ["'unsafe-eval'"] : []),
    ],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'", ...stripe("https://api.stripe.com"), ...(input.development ? ["ws:"] : [])],
    "frame-src": input.stripeJs ? ["https://js.stripe.com", "https://hooks.stripe.com"] : ["'none'"],
    "worker-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'", ...input.formTargets],
    "frame-ancestors": ["'none'"],
    ...(input.https && { "upgrade-insecure-requests": [] }),
  };
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(" "))
    .join("; ");
}
