import { createHash } from "node:crypto";
import { Html, html } from "#sandbox/stripe/pages/html.ts";
import { style as shared } from "#sandbox/stripe/pages/style.ts";
import { type EmailSummary, type ReceivedEmail, summarize } from "./email.ts";
import { script, style } from "./page-parts.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const wholeStyle = shared + style;

/** Policy of the mailbox pages. */
export const pagePolicy = `default-src 'none'; style-src ${hashOf(wholeStyle)}; script-src ${hashOf(script)}; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** Policy of an email's HTML: no script runs. */
export const emailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; font-src data: http: https:; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'";

/** Renders the list and the opened email. */
export function mailboxPage(emails: ReceivedEmail[], opened: ReceivedEmail | null): string {
  const newest = emails[0]?.id ?? "";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${opened === null ? "Mailbox" : opened.subject}</title>
<link rel="icon" href="data:,">
<style>${new Html(wholeStyle)}</style>
</head>
<body data-newest="${newest}">
<p class="mark" role="note"><strong>Sandbox</strong>: emails appear here instead of being delivered.</p>
<div class="${opened === null ? "mailbox" : "mailbox opened"}">
<nav class="emails" aria-label="Emails">
<header><h1>Mailbox</h1>${emails.length > 0 && clearForm}</header>
${emails.length === 0 ? emptyState : html`<ol>${emails.map((email) => listed(summarize(email), opened))}</ol>`}
</nav>
<main>${opened === null ? emails.length > 0 && chooseOne : emailView(opened)}</main>
</div>
<script>${new Html(script)}</script>
</body>
</html>`.text;
}

const emptyState = html`<p class="soft">No emails yet. Sign up, request a sign-in link, or reset your password, and the email appears here.</p>`;
const chooseOne = html`<p class="soft choose">Select an email to read it.</p>`;
const clearForm = html`<form method="post" action="/clear"><button type="submit">Delete all</button></form>`;

function listed({ id, at, to, subject, preview }: EmailSummary, opened: ReceivedEmail | null): Html {
  return html`<li><a href="/messages/${id}"${id === opened?.id && html` aria-current="page"`}>
<span class="first"><strong>${to.join(", ")}</strong>${moment(at)}</span>
<span class="subject">${subject === "" ? "(no subject)" : subject}</span>
<span class="soft preview">${preview}</span>
</a></li>`;
}

function emailView(email: ReceivedEmail): Html {
  const { id, at, from, to, subject, text, headers, attachments } = email;
  return html`<article>
<p class="back"><a href="/">All emails</a></p>
<h2>${subject === "" ? "(no subject)" : subject}</h2>
<dl class="envelope"><dt>From</dt><dd>${from}</dd><dt>To</dt><dd>${to.join(", ")}</dd><dt>Received</dt><dd>${moment(at)}</dd></dl>
${email.html !== "" && html`<iframe title="The email" src="/messages/${id}/html" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>`}
${attachments.length > 0 && html`<p>Attachments: ${attachments.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(", ")}</p>`}
<details${email.html === "" && html` open`}><summary>Plain text</summary><pre class="text">${withLinks(text)}</pre></details>
<details><summary>Headers</summary><pre class="text">${headers.map(({ name, value }) => `${name}: ${value}`).join("\n")}</pre></details>
</article>`;
}

/** The script converts times to the local zone; without it they are UTC. */
function moment(at: string): Html {
  return html`<time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>`;
}

function withLinks(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,:;!?)\]])/)
    .map((part, index) =>
      index % 2 === 1
        ? html`<a href="${part}" target="_blank" rel="noopener noreferrer">${part}</a>`
        : html`${part}`,
    );
}

/** An email's HTML as a document whose links open in a new tab. */
export function emailDocument({ html: content }: ReceivedEmail): string {
  const base = '<meta charset="utf-8"><base target="_blank">';
  const head = /<head[^>]*>/i.exec(content);
  if (head === null) return `<!doctype html>${base}${content}`;
  const after = head.index + head[0].length;
  return content.slice(0, after) + base + content.slice(after);
}
