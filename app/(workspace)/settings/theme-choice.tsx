"use client";

import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";

const choices = ["system", "light", "dark"] as const;
const noSubscription = () => () => {};

/** Selects the light, dark or system theme; stored in this browser. */
export function ThemeChoice() {
  const t = useTranslations("settings.theme");
  const { theme, setTheme } = useTheme();
  // The server does not know the choice, so nothing is checked before hydration.
  const isHydrated = useSyncExternalStore(
    noSubscription,
    () => true,
    () => false,
  );
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">{t("title")}</legend>
      {choices.map((value) => (
        <label
          key={value}
          className="flex min-h-11 cursor-pointer items-center rounded-md border border-input px-4 text-sm has-checked:border-accent has-checked:text-accent has-focus-visible:ring-2 has-focus-visible:ring-ring"
        >
          <input
            type="radio"
            name="theme"
            value={value}
            className="sr-only"
            checked={isHydrated && theme === value}
            onChange={() => setTheme(value)}
          />
          {t(value)}
        </label>
      ))}
    </fieldset>
  );
}
