import { createHash } from "node:crypto";
import { Html, html } from "#sandbox/stripe/pages/html.ts";
import { style } from "#sandbox/stripe/pages/style.ts";

export type PageResponse = { status: number; headers: Record<string, string>; body: string | Buffer };
export type PageRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  /** Whether the page is shown in a frame, as Stripe.js shows Checkout and the bank. */
  isFramed: boolean;
};
/** The message that a framed page posts to the outer page. */
type FrameMessage = { kind: "authenticated" } | { kind: "complete"; returnUrl: string | null };

/** The only script: fills in the test card, prevents double submission, posts messages to the outer page. */
const script = `document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) {
    const field = button.form.elements.namedItem(name);
    if (field && (name === "number" || !field.value)) field.value = value;
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  for (const button of event.target.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
const frameMessage = document.querySelector("[data-message]");
if (frameMessage && parent !== window) parent.postMessage({ stripeSandbox: JSON.parse(frameMessage.dataset.message) }, "*");
if (parent !== window) {
  const postHeight = () => parent.postMessage({ stripeSandbox: { kind: "height", height: document.body.scrollHeight } }, "*");
  new ResizeObserver(postHeight).observe(document.body);
}`;

const scriptHash = createHash("sha256").update(script).digest("base64");
const styleHash = createHash("sha256").update(style).digest("base64");
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; script-src 'sha256-${scriptHash}'; img-src data:; base-uri 'none'`;

/**
 * Renders a complete page in English, or another language (ISO 639-1). Only pages that Stripe.js shows may be
 * framed by other sites.
 */
export function page(
  title: string,
  content: Html,
  status = 200,
  framing: "alone" | "framed" = "alone",
  language = "en",
): PageResponse {
  const body = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<header class="mark"><strong>Sandbox</strong>: payments are simulated.</header>
<main>${content}</main>
<script>${trusted(script)}</script>
</body>
</html>`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": framing === "framed" ? policy : `${policy}; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
    body: body.text,
  };
}

/** Redirects with a GET after a form, or to another site. */
export function redirect(url: string): PageResponse {
  return { status: 303, headers: { location: url }, body: "" };
}

/** Redirects to a rejected form, with a status that programs can distinguish from success. */
export function redirectBack(url: string): PageResponse {
  return { status: 302, headers: { location: url }, body: "" };
}

/** Renders a page with one message. */
export function notice(
  title: string,
  text: string,
  link: { href: string; label: string } | null,
  status = 200,
): PageResponse {
  const content = html`<section class="card narrow">
<h1>${title}</h1>
<p>${text}</p>
${link && html`<p><a class="button" href="${link.href}">${link.label}</a></p>`}
</section>`;
  return page(title, content, status);
}

/** Renders the last page of a frame, which posts its result to the outer page. */
export function framedNotice(title: string, text: string, message: FrameMessage): PageResponse {
  const content = html`<section class="card narrow" data-message="${JSON.stringify(message)}">
<h1>${title}</h1>
<p>${text}</p>
</section>`;
  return page(title, content, 200, "framed");
}

/** Emits a constant text unescaped, so that its CSP hash matches. */
function trusted(text: string): Html {
  return new Html(text);
}
