import { getTranslations } from "next-intl/server";
import { chooseLocaleAction } from "#app/_i18n/locale-action.ts";
import { cn } from "#app/_ui/cn.ts";
import { type Locale, locales } from "#lib/core/locale.ts";

/** The name of each language in that language, as readers look for it. */
export const languageNames: Record<Locale, string> = { en: "English", de: "Deutsch" };

/**
 * Buttons that choose the language of the screens and of emails.
 * @param chosen the setting; null means that the browser's language is used
 */
export async function LanguageChoice({ chosen }: { chosen: Locale | null }) {
  const t = await getTranslations("controls.language");
  const choices = [
    ["", t("system")] as const,
    ...locales.map((locale) => [locale, languageNames[locale]] as const),
  ];
  return (
    <form action={chooseLocaleAction}>
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">{t("legend")}</legend>
        {choices.map(([value, name]) => (
          <button
            key={value}
            type="submit"
            name="locale"
            value={value}
            lang={value === "" ? undefined : value}
            aria-pressed={value === (chosen ?? "")}
            className={cn(
              "flex min-h-11 items-center rounded-md border border-input px-4 text-sm",
              value === (chosen ?? "") && "border-accent text-accent",
            )}
          >
            {name}
          </button>
        ))}
      </fieldset>
    </form>
  );
}
