import { redirect } from "next/navigation";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { currentIdentity } from "#app/_http/session/session.ts";

export type AuthQuery = Promise<Record<string, string | string[] | undefined>>;

/**
 * Reads the query of a sign-in page. Repeated parameters are ignored; an unsafe `next` becomes the default
 * path.
 */
export async function readAuthQuery(query: AuthQuery) {
  const { next, token, code, error, notice } = await query;
  const one = (value: string | string[] | undefined) => (typeof value === "string" ? value : undefined);
  const requested = one(next);
  return {
    next: requested === undefined ? undefined : safeRedirectPath(requested),
    token: one(token)?.slice(0, 200),
    code: one(code)?.slice(0, 20),
    error: one(error),
    notice: one(notice),
  };
}

/** Redirects users who are signed in already to `next`. */
export async function redirectIfSignedIn(next: string | undefined): Promise<void> {
  if ((await currentIdentity()) !== null) redirect(safeRedirectPath(next));
}
