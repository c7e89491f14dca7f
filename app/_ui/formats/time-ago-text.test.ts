import { expect, test } from "vitest";
import { formatTimeAgo } from "#app/_ui/formats/time-ago-text.tsx";

const now = Date.parse("2026-03-10T12:00:00Z");
const ago = (seconds: number) => formatTimeAgo(new Date(now - seconds * 1000), now, "en");

test("formatTimeAgo uses the largest unit that fits and rounds down", () => {
  expect([0, 59].map(ago)).toEqual(["now", "now"]);
  expect([60, 119, 3_599].map(ago)).toEqual(["1 minute ago", "1 minute ago", "59 minutes ago"]);
  expect([3_600, 86_399].map(ago)).toEqual(["1 hour ago", "23 hours ago"]);
  expect([86_400, 2 * 86_400].map(ago)).toEqual(["yesterday", "2 days ago"]);
  expect([2_592_000, 31_536_000].map(ago)).toEqual(["last month", "last year"]);
});
