/** Query and filters, as the page's URL has them. */
export type SearchFilters = {
  q: string;
  model: string;
  period: Period;
  /** The days of a custom period ("2026-11-30"), in the reader's time zone; the last one is included. */
  from: string;
  to: string;
  pinned: boolean;
};

export const periods = ["any", "day", "week", "month", "year", "custom"] as const;
export type Period = (typeof periods)[number];

const daysOf = { day: 1, week: 7, month: 30, year: 365 };
const dayMs = 86_400_000;

export const noFilters = { model: "", period: "any", from: "", to: "", pinned: false } as const;

/** Reads the filters from the URL of the page; what is unknown is left out. */
export function parseFilters(params: URLSearchParams): SearchFilters {
  return {
    q: params.get("q") ?? "",
    model: params.get("model") ?? "",
    period: periods.find((one) => one === params.get("period")) ?? "any",
    from: params.get("from") ?? "",
    to: params.get("to") ?? "",
    pinned: params.get("pinned") === "1",
  };
}

/** The URL of the page with these filters. */
export function searchHref({ q, model, period, from, to, pinned }: SearchFilters): string {
  const params = new URLSearchParams();
  if (q.trim() !== "") params.set("q", q);
  if (model !== "") params.set("model", model);
  if (period !== "any") params.set("period", period);
  if (period === "custom" && from !== "") params.set("from", from);
  if (period === "custom" && to !== "") params.set("to", to);
  if (pinned) params.set("pinned", "1");
  const query = params.toString();
  return query === "" ? "/search" : `/search?${query}`;
}

/** Whether the filters leave something out. */
export function isFiltered({ model, period, pinned }: SearchFilters): boolean {
  return model !== "" || period !== "any" || pinned;
}

/** The parameters of the request. Days become moments of the reader's time zone. */
export function toRequest(filters: SearchFilters, now: number): URLSearchParams {
  const { q, model, period, pinned } = filters;
  const params = new URLSearchParams({ q: q.trim() });
  if (model !== "") params.set("model", model);
  if (pinned) params.set("pinned", "1");
  const from =
    period === "custom"
      ? startOfDay(filters.from, 0)
      : period === "any"
        ? null
        : new Date(now - daysOf[period] * dayMs);
  const to = period === "custom" ? startOfDay(filters.to, 1) : null;
  if (from !== null) params.set("from", from.toISOString());
  if (to !== null) params.set("to", to.toISOString());
  return params;
}

/** The beginning of a day, or of one after it, in the reader's time zone; null without a valid day. */
function startOfDay(day: string, daysLater: number): Date | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return null;
  return new Date(Number(year), Number(month) - 1, Number(date) + daysLater);
}
