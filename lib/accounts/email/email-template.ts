import { env } from "#lib/core/env.ts";
import type { Locale } from "#lib/core/locale.ts";

/**
 * The content of an email as plain text. The layout is the same for all emails, and escaping happens when it
 * is rendered. Other modules define templates that return this type.
 */
export type Email = {
  subject: string;
  /** The preview line that mailboxes show beside the subject. */
  preview: string;
  heading: string;
  paragraphs: string[];
  /** The main button. */
  action?: { label: string; url: string };
  /** A code to type elsewhere, shown large below the button, with the sentence that introduces it. */
  code?: { label: string; value: string };
  /** Amounts and dates, shown as a table. */
  facts?: { label: string; value: string }[];
  /** Small print below the button. */
  notes?: string[];
};

/** Creates an email from its data in the reader's language. */
export type EmailTemplate<D> = (data: D, locale: Locale) => Email;

/** The absolute URL of an app path, for a link in an email. */
export function appLink(path: string, query: Record<string, string | undefined> = {}): string {
  const url = new URL(path, env().APP_URL);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Renders the plain text part of an email. */
export function renderEmailText(email: Email): string {
  const { heading, paragraphs, action, code, facts = [], notes = [] } = email;
  return [
    heading,
    ...paragraphs,
    ...(facts.length > 0 ? [facts.map(({ label, value }) => `${label}: ${value}`).join("\n")] : []),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...(code ? [`${code.label}\n${code.value}`] : []),
    ...notes,
    `${env().APP_NAME}\n${env().APP_URL}\n`,
  ].join("\n\n");
}

/** Renders the HTML part of an email: one column, no images, light and dark mode. */
export function renderEmailHtml(email: Email, locale: Locale): string {
  const { subject, preview, heading, paragraphs, action, code, facts = [], notes = [] } = email;
  const body = [
    `<h1 class="ink" style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600;color:#1c1b19">${escapeHtml(heading)}</h1>`,
    ...paragraphs.map((text) => paragraph("ink", "#1c1b19", text)),
    facts.length > 0 ? factTable(facts) : "",
    action ? button(action) : "",
    code ? codeBlock(code) : "",
    ...notes.map((text) => paragraph("quiet", "#6b6862", text)),
  ];
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .paper { background: #191816 !important; }
  .ink { color: #f1efe9 !important; }
  .quiet { color: #a5a199 !important; }
  .line { border-color: #3a3834 !important; }
  .button { background: #5fb5ab !important; color: #0d1f1d !important; }
}
</style>
</head>
<body class="paper" style="margin:0;padding:0;background:#ffffff">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(preview)}</div>
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" style="background:#ffffff">
<tr><td align="center" style="padding:40px 24px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;text-align:left;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<tr><td class="quiet" style="padding:0 0 32px;font-size:15px;line-height:24px;font-weight:600;color:#6b6862">${escapeHtml(env().APP_NAME)}</td></tr>
<tr><td>
${body.filter((part) => part !== "").join("\n")}
</td></tr>
<tr><td class="quiet line" style="padding:20px 0 0;border-top:1px solid #e5e2db;font-size:13px;line-height:20px;color:#6b6862">${escapeHtml(env().APP_NAME)} &middot; <a class="quiet" href="${escapeHtml(env().APP_URL)}" style="color:#6b6862">${escapeHtml(new URL(env().APP_URL).host)}</a></td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function paragraph(kind: "ink" | "quiet", color: string, text: string): string {
  const size = kind === "ink" ? "font-size:16px;line-height:26px" : "font-size:14px;line-height:22px";
  return `<p class="${kind}" style="margin:0 0 16px;${size};color:${color};overflow-wrap:anywhere">${escapeHtml(text)}</p>`;
}

function button({ label, url }: { label: string; url: string }): string {
  return `<p style="margin:24px 0"><a class="button" href="${escapeHtml(url)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#0f5f57;color:#ffffff;font-size:16px;line-height:20px;font-weight:600;text-decoration:none">${escapeHtml(label)}</a></p>`;
}

function codeBlock({ label, value }: { label: string; value: string }): string {
  return `${paragraph("ink", "#1c1b19", label)}<p class="ink" style="margin:0 0 24px;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;line-height:36px;font-weight:600;letter-spacing:2px;white-space:nowrap;color:#1c1b19">${escapeHtml(value)}</p>`;
}

function factTable(facts: { label: string; value: string }[]): string {
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><td class="quiet line" style="padding:8px 16px 8px 0;border-top:1px solid #e5e2db;color:#6b6862">${escapeHtml(label)}</td><td class="ink line" style="padding:8px 0;border-top:1px solid #e5e2db;color:#1c1b19;text-align:right">${escapeHtml(value)}</td></tr>`,
  );
  return `<table width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 24px;font-size:15px;line-height:22px">${rows.join("")}</table>`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
