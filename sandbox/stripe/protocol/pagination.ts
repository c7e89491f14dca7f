import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import { text, whole } from "#sandbox/stripe/protocol/params.ts";
import type { Page } from "#sandbox/stripe/protocol/route.ts";

/** Removes the pagination parameters from the form and validates them. */
export function takePage(form: { [key: string]: Node }): Page {
  const limit = whole()(form.limit, "limit") ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalid("Limit must be between 1 and 100.", "limit");
  }
  const startingAfter = text()(form.starting_after, "starting_after") ?? null;
  const endingBefore = text()(form.ending_before, "ending_before") ?? null;
  if (startingAfter && endingBefore) {
    throw invalid("You may only specify one of these parameters: ending_before, starting_after.");
  }
  delete form.limit;
  delete form.starting_after;
  delete form.ending_before;
  return { limit, startingAfter, endingBefore };
}

/** Returns one page of rows that are already sorted. */
export function cutPage<T extends { id: string }>(rows: T[], page: Page, url: string): Stripe.ApiList<T> {
  if (page.endingBefore) {
    const end = positionOf(rows, page.endingBefore, "ending_before");
    const start = Math.max(0, end - page.limit);
    return { object: "list", data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = page.startingAfter ? positionOf(rows, page.startingAfter, "starting_after") + 1 : 0;
  const data = rows.slice(start, start + page.limit);
  return { object: "list", data, has_more: rows.length > start + page.limit, url };
}

function positionOf(rows: { id: string }[], id: string, param: string): number {
  const position = rows.findIndex((row) => row.id === id);
  if (position < 0) throw missing("object", id, param);
  return position;
}
