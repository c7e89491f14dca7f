import { type Html, html } from "#sandbox/stripe/pages/html.ts";

const mostRows = 100;

/** A moment as people read it, in UTC. */
export function momentText(at: number | null): string {
  return at === null ? "" : `${new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * A table, or a sentence when there is nothing in it. On a small screen it scrolls sideways, or its rows are stacked, so that
 * what can be pressed in them is in sight.
 */
export function table(
  label: string,
  heads: string[],
  rows: Html[],
  empty: string,
  onPhones: "scrolls" | "stacked" = "scrolls",
): Html {
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  const shown = rows.slice(0, mostRows);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="${onPhones}">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${shown}</tbody></table></div>
${rows.length > mostRows && html`<p class="soft">The latest ${mostRows} of ${rows.length}.</p>`}`;
}
