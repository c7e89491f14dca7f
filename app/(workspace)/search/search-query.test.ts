import { expect, test } from "vitest";
import {
  isFiltered,
  noFilters,
  parseFilters,
  searchHref,
  toRequest,
} from "#app/(workspace)/search/search-query.ts";

const now = Date.parse("2026-11-30T12:00:00Z");

test("the page's URL keeps query and filters, and drops what is unknown", () => {
  const filters = {
    q: "foo_bar 天气 & more",
    model: "gpt-5.4-mini",
    period: "custom" as const,
    from: "2026-11-01",
    to: "2026-11-30",
    pinned: true,
  };
  expect(parseFilters(new URL(searchHref(filters), "http://x").searchParams)).toEqual(filters);
  expect(parseFilters(new URLSearchParams("period=decade&pinned=yes"))).toEqual({ q: "", ...noFilters });
  expect(searchHref({ q: "  ", ...noFilters })).toBe("/search");
  expect(searchHref({ q: "a", ...noFilters, from: "2026-11-01" })).toBe("/search?q=a");
  expect(isFiltered(filters)).toBe(true);
  expect(isFiltered({ q: "a", ...noFilters })).toBe(false);
});

test("the request contains moments: a period before now, or whole days of the reader's time zone", () => {
  const week = toRequest({ q: " a ", ...noFilters, period: "week" }, now);
  expect(week.toString()).toBe("q=a&from=2026-11-23T12%3A00%3A00.000Z");
  const days = toRequest(
    { q: "a", ...noFilters, period: "custom", from: "2026-11-01", to: "2026-11-30" },
    now,
  );
  expect(new Date(days.get("from") ?? "").getTime()).toBe(new Date(2026, 10, 1).getTime());
  expect(new Date(days.get("to") ?? "").getTime()).toBe(new Date(2026, 11, 1).getTime());
  const invalid = toRequest({ q: "a", ...noFilters, period: "custom", from: "soon", to: "" }, now);
  expect(invalid.toString()).toBe("q=a");
});
