type PolicyInput = {
  /** Random per page; inline scripts run only with this nonce. */
  nonce: string;
  /** `next dev` needs eval and a WebSocket. */
  development: boolean;
  /** Whether the app is served over TLS. */
  https: boolean;
  /**
   * Where Stripe.js and its frames come from on a page that pays; null elsewhere. The sandbox's address
   * stands for all of Stripe's on a machine without an account.
   */
  stripe: "stripe" | { sandboxUrl: string } | null;
  /** The hosts from which answers show images, over https. */
  imageHosts: readonly string[];
  /** Origins that a form may redirect to: hosted payment pages and OAuth providers. */
  formTargets: string[];
};

/**
 * Builds the Content-Security-Policy header of a page. Scripts need the nonce. Inline styles are allowed
 * because Radix and KaTeX write them; without scripts or foreign images they cannot leak data. Images are
 * limited to our own origin and the hosts that the operator allows, so that the Markdown of an answer cannot
 * send data to a foreign server through an image URL. Frames of our own render diagrams.
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
    "img-src": [
      "'self'",
      "data:",
      "blob:",
      ...stripe.image,
      ...input.imageHosts.map((host) => `https://${host}`),
    ],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'", ...stripe.connect, ...(input.development ? ["ws:"] : [])],
    "frame-src": ["'self'", ...stripe.frame],
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
 * The hosts that Stripe's security guide lists for Stripe.js and embedded Checkout, except for Google Maps,
 * which is needed only for address autocompletion.
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
