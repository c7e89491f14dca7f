import type { MetadataRoute } from "next";
import { env } from "#lib/core/env.ts";

/** Rendered per request, because APP_NAME is known at run time and not at build time. */
export const dynamic = "force-dynamic";

/** The web app manifest, which makes the app installable. Its pictures are files in public/. */
export default function manifest(): MetadataRoute.Manifest {
  const { APP_NAME } = env();
  return {
    name: APP_NAME,
    short_name: APP_NAME,
    description: "Chat with the best models, and see what every answer costs.",
    start_url: "/chat",
    display: "standalone",
    background_color: "#fdfcfa",
    theme_color: "#fdfcfa",
    icons: [
      { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      { src: "/icon-192.png", type: "image/png", sizes: "192x192" },
      { src: "/icon-512.png", type: "image/png", sizes: "512x512" },
      { src: "/icon-maskable-512.png", type: "image/png", sizes: "512x512", purpose: "maskable" },
    ],
    screenshots: [
      {
        src: "/screenshot-wide.png",
        type: "image/png",
        sizes: "1280x800",
        form_factor: "wide",
        label: "A conversation with its cost under each answer",
      },
      {
        src: "/screenshot-narrow.png",
        type: "image/png",
        sizes: "780x1688",
        form_factor: "narrow",
        label: "A conversation on a phone",
      },
    ],
  };
}
