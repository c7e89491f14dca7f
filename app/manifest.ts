import type { MetadataRoute } from "next";
import { env } from "#lib/core/env.ts";

/** The name is the operator's, and known when the app runs, not when it is built. */
export const dynamic = "force-dynamic";

/** What a phone keeps when somebody puts the app on its home screen. */
export default function manifest(): MetadataRoute.Manifest {
  const { APP_NAME } = env();
  return {
    name: APP_NAME,
    short_name: APP_NAME,
    start_url: "/chat",
    display: "standalone",
    background_color: "#fdfcfa",
    theme_color: "#fdfcfa",
    icons: [
      { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      { src: "/apple-icon.png", type: "image/png", sizes: "180x180" },
    ],
  };
}
