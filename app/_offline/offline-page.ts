import { createHash } from "node:crypto";
import { catalogs } from "#app/_messages/catalogs.ts";
import { offlineScript } from "#app/_offline/offline-script.ts";
import { env } from "#lib/core/env.ts";
import { type Locale, locales } from "#lib/core/locale.ts";

export type OfflinePage = { html: string; contentSecurityPolicy: string; version: string };

/**
 * The page that the service worker shows where a page cannot be loaded. It contains every language and
 * everything that it needs; its script shows one language and reloads when the server can be reached.
 */
export function offlinePage(): OfflinePage {
  const html = `<!doctype html>
<html lang="${locales[0]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(env().APP_NAME)}</title>
<style>${style}</style>
</head>
<body>
<main>
${locales.map(section).join("\n")}
</main>
<script>${offlineScript}</script>
</body>
</html>`;
  const version = createHash("sha256").update(html).digest("hex").slice(0, 16);
  return { html, contentSecurityPolicy: policy, version };
}

function section(locale: Locale): string {
  const { title, body, retry } = catalogs[locale].site.offline;
  return `<section lang="${locale}">
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(body)}</p>
<a href="">${escapeHtml(retry)}</a>
</section>`;
}

/** The colors of app/globals.css. */
const style = `:root{color-scheme:light dark;--background:#fdfcfa;--foreground:#1c1a17;--muted:#5f5b55;--accent:#0f5f5e}
@media (prefers-color-scheme:dark){:root{--background:#161412;--foreground:#edeae6;--muted:#b1aca5;--accent:#6fc7c0}}
body{margin:0;min-height:100dvh;display:grid;place-items:center;background:var(--background);color:var(--foreground);font:1rem/1.65 system-ui,sans-serif}
main{box-sizing:border-box;max-width:26rem;padding:2rem}
h1{font-size:1.3rem;line-height:1.35;margin:0 0 .5rem}
p{color:var(--muted);margin:0 0 1rem}
section+section{margin-top:3rem}
section[hidden]{display:none}
a{display:inline-flex;align-items:center;min-height:2.75rem;color:var(--accent);font-weight:500;text-underline-offset:4px}
a:focus-visible{outline:2px solid var(--accent);outline-offset:4px;border-radius:4px}`;

const policy = [
  "default-src 'none'",
  `script-src '${hashOf(offlineScript)}'`,
  `style-src '${hashOf(style)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
