import { useTranslations } from "next-intl";
import { env } from "#lib/core/env.ts";

/**
 * Pictures of the seeded app in both themes; `node tests/screenshots.ts` renews them. Only the one of the
 * current theme is loaded.
 */
export function ProductScreenshot() {
  const t = useTranslations("landing");
  const alt = t("screenshot", { app: env().APP_NAME });
  const picture = { width: 1280, height: 800, decoding: "async", loading: "lazy" } as const;
  const className = "h-auto w-full rounded-2xl border shadow-black/5 shadow-xl";
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: next/image would load a script */}
      <img src="/landing-light.webp" alt={alt} {...picture} className={`${className} dark:hidden`} />
      {/* biome-ignore lint/performance/noImgElement: as above */}
      <img src="/landing-dark.webp" alt={alt} {...picture} className={`${className} hidden dark:block`} />
    </>
  );
}
