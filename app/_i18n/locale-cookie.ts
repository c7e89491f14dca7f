import { isLocale, type Locale, negotiateLocale } from "#lib/core/locale.ts";

/** The cookie with the language that was chosen in this browser. */
export const localeCookieName = "locale";

/** Returns the language of a browser: the chosen one, else the preferred one of its settings. */
export function browserLocale(headers: Headers): Locale {
  const chosen = headers
    .get("cookie")
    ?.split("; ")
    .find((pair) => pair.startsWith(`${localeCookieName}=`))
    ?.slice(localeCookieName.length + 1);
  return isLocale(chosen) ? chosen : negotiateLocale(headers.get("accept-language"));
}
