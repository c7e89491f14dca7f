import { useLocale, useTranslations } from "next-intl";
import { languageNames } from "#app/_i18n/language-choice.tsx";
import { chooseLocaleAction } from "#app/_i18n/locale-action.ts";
import { locales } from "#lib/core/locale.ts";

/** The languages in the footer of public pages. */
export function FooterLanguages() {
  const t = useTranslations("controls.language");
  const current = useLocale();
  return (
    <form action={chooseLocaleAction}>
      <fieldset className="flex gap-4">
        <legend className="sr-only">{t("legend")}</legend>
        {locales.map((locale) => (
          <button
            key={locale}
            type="submit"
            name="locale"
            value={locale}
            lang={locale}
            aria-pressed={locale === current}
            className="-my-3 min-h-11 hover:text-foreground aria-pressed:text-foreground"
          >
            {languageNames[locale]}
          </button>
        ))}
      </fieldset>
    </form>
  );
}
