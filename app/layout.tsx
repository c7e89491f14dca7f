import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { offlinePage } from "#app/_offline/offline-page.ts";
import { ServiceWorker } from "#app/_offline/service-worker.tsx";
import { fontVariables } from "#app/_ui/fonts.ts";
import { OfflineGuard } from "#app/_ui/offline-guard.tsx";
import { Toaster } from "#app/_ui/overlays/toast.tsx";
import { ThemeProvider } from "#app/_ui/theme-provider.tsx";
import { env } from "#lib/core/env.ts";
import "#app/globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const { APP_NAME, APP_URL } = env();
  const t = await getTranslations("site");
  const description = t("description");
  return {
    metadataBase: new URL(APP_URL),
    title: { default: APP_NAME, template: `%s · ${APP_NAME}` },
    description,
    applicationName: APP_NAME,
    icons: {
      icon: [
        { url: "/favicon.ico", sizes: "48x48" },
        { url: "/icon.svg", type: "image/svg+xml" },
      ],
      apple: { url: "/apple-touch-icon.png", sizes: "180x180" },
    },
    openGraph: {
      type: "website",
      siteName: APP_NAME,
      images: [{ url: "/social-preview.png", width: 1200, height: 630, alt: description }],
    },
    twitter: { card: "summary_large_image" },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // On phones the on-screen keyboard shrinks the page instead of covering the composer.
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fdfcfa" },
    { media: "(prefers-color-scheme: dark)", color: "#161412" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const requestHeaders = await headers();
  const nonce = requestHeaders.get("x-nonce") ?? undefined;
  return (
    <html
      lang={await getLocale()}
      className={fontVariables}
      data-stripe={requestHeaders.get("x-parley-stripe") ?? undefined}
      suppressHydrationWarning
    >
      <body className="min-h-dvh">
        <ThemeProvider nonce={nonce}>
          <ClientMessages isRoot of={["controls"]}>
            {children}
            <Toaster />
            <OfflineGuard />
            {/* Next.js's development server has files that change under the same name. */}
            {env().NODE_ENV === "production" && <ServiceWorker version={offlinePage().version} />}
          </ClientMessages>
        </ThemeProvider>
      </body>
    </html>
  );
}
