import { type Html, html } from "#sandbox/stripe/pages/html.ts";

const mostRows = 100;

const dayFormat = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });

/** Formats the day of a timestamp (seconds) in UTC as the app does ("Dec 30, 2026"). */
export function dayText(at: number): string {
  return dayFormat.format(at * 1000);
}

/** Formats a timestamp (seconds) in UTC. */
export function momentText(at: number | null): string {
  return at === null ? "" : `${new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * Renders a table, or a sentence if it is empty. On a small screen the table scrolls horizontally or stacks
 * its rows, so that buttons stay visible.
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
