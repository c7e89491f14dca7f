import type { MetadataRoute } from "next";
import { getLocale, getTranslations } from "next-intl/server";
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
    id: "/",
    start_url: "/chat",
    scope: "/",
    lang: await getLocale(),
    categories: ["productivity"],
    display: "standalone",
    background_color: "#fdfcfa",
    theme_color: "#fdfcfa",
    icons: [...manifestIcons],
    shortcuts: [{ name: t("newChat"), url: "/chat", icons: [{ src: "/icon-192.png", sizes: "192x192" }] }],
    screenshots: manifestScreenshots.map((screenshot) => ({ ...screenshot, label: t(screenshot.label) })),
  };
}
