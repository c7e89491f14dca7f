import { isLocale, type Locale, negotiateLocale } from "#lib/core/locale.ts";

/** The cookie with the language that was chosen in this browser. */
export const localeCookieName = "locale";

/**
 * Returns the language of a browser: the chosen one, else the preferred one of its settings.
 * @param cookies in the format of the Cookie header
 * @param acceptLanguage in the format of the Accept-Language header
 */
export function browserLocale(cookies: string | null, acceptLanguage: string | null): Locale {
  const chosen = cookies
    ?.split("; ")
    .find((pair) => pair.startsWith(`${localeCookieName}=`))
    ?.slice(localeCookieName.length + 1);
  return isLocale(chosen) ? chosen : negotiateLocale(acceptLanguage);
}
