type PolicyInput = {
  /** Fresh for each page; the only inline scripts that run carry it. */
  nonce: string;
  /** next dev compiles with eval and keeps a WebSocket open. */
  development: boolean;
  /** Whether people reach the app over TLS. */
  https: boolean;
  /**
   * Where Stripe.js and its frames come from on a page that pays; null elsewhere. The sandbox's address stands for all of
   * Stripe's on a machine without an account.
   */
  stripe: "stripe" | { sandboxUrl: string } | null;
  /** Origins that a submitted form may end up at: hosted payment pages, sign-in services. */
  formTargets: string[];
};

/**
 * The policy of every page. Scripts run by nonce alone. Styles may be inline, because Radix and KaTeX write them, and
 * without scripts or foreign images they can carry nothing away. Images come from here, so that an answer's Markdown
 * cannot send a secret to somebody else's server by asking for a picture.
 */
export function contentSecurityPolicy(input: PolicyInput): string {
  const stripe = stripeSourcesOf(input.stripe);
  const directives: Record<string, string[]> = {
    "default-src": ["'self'"],
    "script-src": [
      "'self'",
      `'nonce-${input.nonce}'`,
      "'strict-dynamic'",
      "'wasm-unsafe-eval'",
      ...stripe.script,
      ...(input.development ? ["'unsafe-eval'"] : []),
    ],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:", ...stripe.image],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'", ...stripe.connect, ...(input.development ? ["ws:"] : [])],
    "frame-src": stripe.frame.length > 0 ? stripe.frame : ["'none'"],
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

type StripeSources = Record<"script" | "connect" | "frame" | "image", string[]>;

/**
 * The hosts that Stripe's security guide names for Stripe.js and for Checkout inside a page. Its maps are left out: they
 * complete addresses, which are not asked for there.
 */
const stripeHosts: StripeSources = {
  script: ["https://js.stripe.com", "https://*.js.stripe.com", "https://checkout.stripe.com"],
  connect: ["https://api.stripe.com", "https://checkout.stripe.com"],
  frame: [
    "https://js.stripe.com",
    "https://*.js.stripe.com",
    "https://hooks.stripe.com",
    "https://checkout.stripe.com",
  ],
  image: ["https://*.stripe.com"],
};

function stripeSourcesOf(stripe: PolicyInput["stripe"]): StripeSources {
  if (stripe === null) return { script: [], connect: [], frame: [], image: [] };
  if (stripe === "stripe") return stripeHosts;
  const { origin } = new URL(stripe.sandboxUrl);
  return { script: [origin], connect: [origin], frame: [origin], image: [] };
}
