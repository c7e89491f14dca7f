import { useLocale, useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { env } from "#lib/core/env.ts";

type Theme = "light" | "dark";

/** The widths of the pictures, in pixels; the height is five eighths of the width. */
const widths = [960, 1920];
const sizes = "(min-width: 1024px) 36rem, calc(100vw - 2rem)";

/**
 * A picture of the seeded app in the reader's language and theme; `node tests/screenshots.ts` renews them. It
 * is the largest content of the first paint on a phone, so it is loaded at once, in the theme of the system.
 * A reader who has chosen the other theme gets another picture instead.
 */
export function ProductScreenshot() {
  const t = useTranslations("landing");
  const locale = useLocale();
  const alt = t("screenshot", { app: env().APP_NAME });
  const srcSet = (theme: Theme) =>
    widths.map((width) => `/landing-${locale}-${theme}-${width}.webp ${width}w`).join(", ");
  const src = (theme: Theme) => `/landing-${locale}-${theme}-${widths[0]}.webp`;
  const picture = { sizes, width: 1280, height: 800 };
  const className = "h-auto w-full rounded-2xl border shadow-black/5 shadow-xl";
  return (
    <>
      <picture
        className={cn(
          "[@media(prefers-color-scheme:light)]:dark:hidden",
          "[@media(prefers-color-scheme:dark)]:[.light_&]:hidden",
        )}
      >
        <source media="(prefers-color-scheme: dark)" srcSet={srcSet("dark")} sizes={sizes} />
        <img
          {...picture}
          alt={alt}
          src={src("light")}
          srcSet={srcSet("light")}
          fetchPriority="high"
          className={className}
        />
      </picture>
      {/* biome-ignore lint/performance/noImgElement: next/image would load a script */}
      <img
        {...picture}
        alt={alt}
        src={src("dark")}
        srcSet={srcSet("dark")}
        loading="lazy"
        className={cn(className, "hidden [@media(prefers-color-scheme:light)]:dark:block")}
      />
      {/* biome-ignore lint/performance/noImgElement: as above */}
      <img
        {...picture}
        alt={alt}
        src={src("light")}
        srcSet={srcSet("light")}
        loading="lazy"
        className={cn(className, "hidden [@media(prefers-color-scheme:dark)]:[.light_&]:block")}
      />
    </>
  );
}
