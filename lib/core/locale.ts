/** The languages of the product. */
export const locales = ["en", "de"] as const;
export type Locale = (typeof locales)[number];

/** A text in every language of the product, or one text for all of them. */
export type LocalizedText = string | Readonly<Record<Locale, string>>;

/** Returns a text in a language. */
export function localize(text: LocalizedText, locale: Locale): string {
  return typeof text === "string" ? text : text[locale];
}

/** Whether a text, such as a cookie's value, is a language of the product. */
export function isLocale(text: string | null | undefined): text is Locale {
  return locales.some((locale) => locale === text);
}

/**
 * Returns the first language of the product that a browser accepts, by its quality values (RFC 9110, 12.5.4);
 * English if none is acceptable.
 */
export function negotiateLocale(acceptLanguage: string | null): Locale {
  const ranked = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return { language: tag.split("-")[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  return ranked.map(({ language }) => language).find(isLocale) ?? "en";
}
