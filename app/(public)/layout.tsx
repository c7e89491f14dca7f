import { headers } from "next/headers";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { readClaims } from "#app/_http/session/session.ts";
import { FooterLanguages } from "#app/_i18n/footer-languages.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Logo } from "#app/_ui/logo.tsx";
import { env } from "#lib/core/env.ts";

/**
 * The layout of the public pages. It reads the session from the cookie only, to choose the links in the
 * header; during the second step of a sign-in, the cookie is there already.
 */
export default async function PublicLayout({ children }: { children: ReactNode }) {
  const path = (await headers()).get("x-parley-path") ?? "";
  const isSignedIn = (await readClaims()) !== null && !path.startsWith("/sign-in");
  const t = await getTranslations("site");
  const name = env().APP_NAME;
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="-translate-y-20 fixed top-2 left-2 z-60 rounded-md bg-accent px-4 py-2 text-accent-foreground focus:translate-y-0"
      >
        {t("skipToContent")}
      </a>
      <header className="mx-auto flex h-16 print:hidden w-full max-w-6xl items-center justify-between gap-4 px-4 sm:px-8">
        <Link href="/" className="touch-target rounded-md">
          <Logo name={name} />
        </Link>
        <nav aria-label={t("mainNavigation")} className="flex items-center gap-1 sm:gap-2">
          <Button asChild variant="ghost">
            <Link href="/pricing">{t("pricing")}</Link>
          </Button>
          {isSignedIn ? (
            <Button asChild>
              {/* The chat's script is larger than this page; it is loaded when it is asked for. */}
              <Link href="/chat" prefetch={false}>
                {t("openChat")}
              </Link>
            </Button>
          ) : (
            <>
              <Button asChild variant="ghost">
                <Link href="/sign-in">{t("signIn")}</Link>
              </Button>
              <Button asChild className="max-sm:hidden">
                <Link href="/sign-up">{t("getStarted")}</Link>
              </Button>
            </>
          )}
        </nav>
      </header>
      <main id="main" className="flex flex-1 flex-col">
        {children}
      </main>
      <footer className="mt-16 border-t print:hidden">
        <div className="mx-auto flex w-full max-w-6xl flex-wrap justify-between gap-4 px-4 py-8 text-muted-foreground text-sm sm:px-8">
          <p>{name}</p>
          <FooterLanguages />
          <nav aria-label={t("footerNavigation")}>
            <ul className="flex flex-wrap gap-x-6 gap-y-2">
              <li>
                <Link href="/pricing" className="touch-target hover:text-foreground">
                  {t("pricing")}
                </Link>
              </li>
              <li>
                <Link href="/terms" className="touch-target hover:text-foreground">
                  {t("terms")}
                </Link>
              </li>
              <li>
                <Link href="/privacy" className="touch-target hover:text-foreground">
                  {t("privacy")}
                </Link>
              </li>
              <li>
                <Link href="/docs/api" className="touch-target hover:text-foreground">
                  {t("api")}
                </Link>
              </li>
            </ul>
          </nav>
        </div>
      </footer>
    </div>
  );
}
