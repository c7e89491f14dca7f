import { createHash } from "node:crypto";
import { Html, html } from "#sandbox/stripe/pages/html.ts";
import { style as shared } from "#sandbox/stripe/pages/style.ts";
import { type Letter, type LetterSummary, summarise } from "./letter.ts";
import { script, style } from "./page-parts.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const wholeStyle = shared + style;

/** For the sandbox's own pages. */
export const pagePolicy = `default-src 'none'; style-src ${hashOf(wholeStyle)}; script-src ${hashOf(script)}; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** For a letter's HTML: whatever it holds, no script of it runs. */
export const letterPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; font-src data: http: https:; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'";

/** The list, and beside it the letter that was opened. */
export function mailboxPage(letters: Letter[], opened: Letter | null): string {
  const newest = letters[0]?.id ?? "";
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
<p class="mark" role="note"><strong>Sandbox</strong>: letters arrive here and nowhere else.</p>
<div class="${opened === null ? "mailbox" : "mailbox opened"}">
<nav class="letters" aria-label="Letters">
<header><h1>Mailbox</h1>${letters.length > 0 && clearForm}</header>
${letters.length === 0 ? nothingYet : html`<ol>${letters.map((letter) => listed(summarise(letter), opened))}</ol>`}
</nav>
<main>${opened === null ? letters.length > 0 && chooseOne : letterView(opened)}</main>
</div>
<script>${new Html(script)}</script>
</body>
</html>`.text;
}

const nothingYet = html`<p class="soft">No letters yet. Sign up, ask for a sign-in link, or forget a password: the letter shows up here by itself.</p>`;
const chooseOne = html`<p class="soft choose">Choose a letter to read it.</p>`;
const clearForm = html`<form method="post" action="/clear"><button type="submit">Delete all</button></form>`;

function listed({ id, at, to, subject, preview }: LetterSummary, opened: Letter | null): Html {
  return html`<li><a href="/messages/${id}"${id === opened?.id && html` aria-current="page"`}>
<span class="first"><strong>${to.join(", ")}</strong>${moment(at)}</span>
<span class="subject">${subject === "" ? "(no subject)" : subject}</span>
<span class="soft preview">${preview}</span>
</a></li>`;
}

function letterView(letter: Letter): Html {
  const { id, at, from, to, subject, text, headers, attachments } = letter;
  return html`<article>
<p class="back"><a href="/">All letters</a></p>
<h2>${subject === "" ? "(no subject)" : subject}</h2>
<dl class="envelope"><dt>From</dt><dd>${from}</dd><dt>To</dt><dd>${to.join(", ")}</dd><dt>Arrived</dt><dd>${moment(at)}</dd></dl>
${letter.html !== "" && html`<iframe title="The letter" src="/messages/${id}/html" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>`}
${attachments.length > 0 && html`<p>Attached: ${attachments.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(", ")}</p>`}
<details${letter.html === "" && html` open`}><summary>Plain text</summary><pre class="text">${withLinks(text)}</pre></details>
<details><summary>Headers</summary><pre class="text">${headers.map(({ name, value }) => `${name}: ${value}`).join("\n")}</pre></details>
</article>`;
}

/** The reader's own time zone is known to the script alone; without it the time is told in UTC. */
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

/** A letter's HTML as a document whose links open beside the mailbox. */
export function letterDocument({ html: content }: Letter): string {
  const base = '<meta charset="utf-8"><base target="_blank">';
  const head = /<head[^>]*>/i.exec(content);
  if (head === null) return `<!doctype html>${base}${content}`;
  const after = head.index + head[0].length;
  return content.slice(0, after) + base + content.slice(after);
}
