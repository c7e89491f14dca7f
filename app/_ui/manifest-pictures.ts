/** The icons of the installed app: files in public/. */
export const manifestIcons = [
  { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
  { src: "/icon-192.png", type: "image/png", sizes: "192x192" },
  { src: "/icon-512.png", type: "image/png", sizes: "512x512" },
  { src: "/icon-maskable-512.png", type: "image/png", sizes: "512x512", purpose: "maskable" },
] as const;

/** The screenshots that app stores show: files in public/. `label` names their text. */
export const manifestScreenshots = [
  {
    src: "/screenshot-wide.png",
    type: "image/png",
    sizes: "1280x800",
    form_factor: "wide",
    label: "screenshotWide",
  },
  {
    src: "/screenshot-narrow.png",
    type: "image/png",
    sizes: "780x1688",
    form_factor: "narrow",
    label: "screenshotNarrow",
  },
] as const;
