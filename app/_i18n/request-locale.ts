import { cookies, headers } from "next/headers";
import { cache } from "react";
import { currentIdentity } from "#app/_http/session/session.ts";
import { localeCookieName } from "#app/_i18n/locale-cookie.ts";
import { env } from "#lib/core/env.ts";
import { isLocale, type Locale, negotiateLocale } from "#lib/core/locale.ts";

/** The language of the request: the signed-in user's setting, else the browser's. */
export const requestLocale = cache(async (): Promise<Locale> => {
  // A page that needs the user reports the failure; error pages must find a language without the database.
  const identity = await currentIdentity().catch(() => null);
  if (identity?.locale != null) return identity.locale;
  // Next.js updates its cookies, not the header, when an action has just set one.
  const chosen = (await cookies()).get(localeCookieName)?.value;
  return isLocale(chosen) ? chosen : negotiateLocale((await headers()).get("accept-language"));
});

/** Whether a test asks for texts that are 50 % longer, to find layouts that do not fit other languages. */
export async function isPseudoLocale(): Promise<boolean> {
  return env().APP_ENV === "test" && (await cookies()).get(localeCookieName)?.value === "pseudo";
}
