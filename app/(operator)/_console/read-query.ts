import { z } from "zod";

/** What an address may say; whatever cannot be read is as good as not said. */
export type Query = Record<string, string | string[] | undefined>;

/** A text of the address, without what surrounds it; undefined for none. */
export function textIn(query: Query, name: string): string | undefined {
  const value = query[name];
  const text = typeof value === "string" ? value.trim().slice(0, 200) : "";
  return text === "" ? undefined : text;
}

/** Where a page of rows begins that are ordered by time and id. */
export type Mark = { at: Date; id: string };

/** Reads what `markOf` wrote. */
export function markIn(query: Query, name = "before"): Mark | undefined {
  const [at = "", ...id] = textIn(query, name)?.split("_") ?? [];
  return z.object({ at: z.coerce.date(), id: z.string().min(1) }).safeParse({ at, id: id.join("_") }).data;
}

/** The last row of a page, to ask for the next one with. */
export function markOf({ at, id }: Mark): string {
  return `${at.toISOString()}_${id}`;
}

/** An address with what is asked for, without what is not. */
export function hrefOf(path: string, query: Record<string, string | undefined>): string {
  const said = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(said).toString();
  return text === "" ? path : `${path}?${text}`;
}
