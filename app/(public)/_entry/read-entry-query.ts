import { redirect } from "next/navigation";
import { ownPath } from "#app/_http/own-path.ts";
import { currentIdentity } from "#app/_http/session.ts";

export type EntryQuery = Promise<Record<string, string | string[] | undefined>>;

/** What the address of an entry page asks for, each at most once; `next` only if it leads somewhere of our own. */
export async function readEntryQuery(query: EntryQuery) {
  const { next, token, error, notice } = await query;
  const one = (value: string | string[] | undefined) => (typeof value === "string" ? value : undefined);
  const wanted = one(next);
  return {
    next: wanted === undefined ? undefined : ownPath(wanted),
    token: one(token)?.slice(0, 200),
    error: one(error),
    notice: one(notice),
  };
}

/** Whoever is signed in has no business at the door. */
export async function leaveIfSignedIn(next: string | undefined): Promise<void> {
  if ((await currentIdentity()) !== null) redirect(ownPath(next));
}
