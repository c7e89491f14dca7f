import { type Html, html } from "#sandbox/stripe/pages/html.ts";

const mostRows = 100;

/** A moment as people read it, in UTC. */
export function momentText(at: number | null): string {
  return at === null ? "" : `${new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A table that scrolls sideways on a small screen, or a sentence when there is nothing in it. */
export function table(label: string, heads: string[], rows: Html[], empty: string): Html {
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  const shown = rows.slice(0, mostRows);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${shown}</tbody></table></div>
${rows.length > mostRows && html`<p class="soft">The latest ${mostRows} of ${rows.length}.</p>`}`;
}
