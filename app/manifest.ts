import type { MetadataRoute } from "next";
import { getTranslations } from "next-intl/server";
import { manifestIcons, manifestScreenshots } from "#app/_ui/manifest-pictures.ts";
import { env } from "#lib/core/env.ts";

/** Rendered per request, because APP_NAME is known at run time and not at build time. */
export const dynamic = "force-dynamic";

/** The web app manifest, which makes the app installable. Its pictures are files in public/. */
export default async function manifest(): Promise<MetadataRoute.Manifest> {
  const t = await getTranslations("site");
  const { APP_NAME } = env();
  return {
    name: APP_NAME,
    short_name: APP_NAME,
    description: t("description"),
    start_url: "/chat",
    display: "standalone",
    background_color: "#fdfcfa",
    theme_color: "#fdfcfa",
    icons: [...manifestIcons],
    screenshots: manifestScreenshots.map((screenshot) => ({ ...screenshot, label: t(screenshot.label) })),
  };
}
