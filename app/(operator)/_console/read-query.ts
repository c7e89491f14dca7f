import { z } from "zod";
import { findUnsafeValue } from "#lib/core/unsafe-value.ts";

/** The query parameters of a page. Values that cannot be parsed are treated as absent. */
export type QueryParams = Record<string, string | string[] | undefined>;

/** Reads a trimmed text of at most 200 characters; undefined if it is empty, absent or repeated. */
export function readText(query: QueryParams, name: string): string | undefined {
  const value = query[name];
  const text = typeof value === "string" ? value.trim().slice(0, 200) : "";
  return text === "" || findUnsafeValue(text) !== null ? undefined : text;
}

/** A pagination cursor over rows that are ordered by time and id. */
export type Cursor = { at: Date; id: string };

/** Parses the text that `toCursor` returns; undefined if it is malformed or absent. */
export function readCursor(query: QueryParams, name = "before"): Cursor | undefined {
  const [at = "", ...id] = readText(query, name)?.split("_") ?? [];
  const cursor = z.object({ at: z.coerce.date(), id: z.string().min(1) });
  const { data } = cursor.safeParse({ at, id: id.join("_") });
  return findUnsafeValue(data) === null ? data : undefined;
}

/** Serializes the last row of a page as the cursor of the next page. */
export function toCursor({ at, id }: Cursor): string {
  return `${at.toISOString()}_${id}`;
}

/** Appends the defined parameters to a path. */
export function toHref(path: string, query: Record<string, string | undefined>): string {
  const defined = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(defined).toString();
  return text === "" ? path : `${path}?${text}`;
}
