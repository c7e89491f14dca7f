import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { requireOperator } from "#app/_http/session/operator.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { Logo } from "#app/_ui/logo.tsx";
import { ConsoleNav } from "#app/(operator)/_console/console-nav.tsx";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";
import { StepUpProvider } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { env } from "#lib/core/env.ts";

/**
 * The layout of the operator console. It checks the role before any loading state is sent, so that the status
 * is 404.
 */
export default async function OperatorLayout({ children }: { children: ReactNode }) {
  await requireOperator();
  const t = await getTranslations("operator.console");
  return (
    <div className="min-h-dvh">
      <a
        href="#main"
        className="-translate-y-20 fixed top-2 left-2 z-60 rounded-md bg-accent px-4 py-2 text-accent-foreground focus:translate-y-0"
      >
        {t("skipToContent")}
      </a>
      <header className="border-b bg-sidebar">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 px-5 pt-3 sm:px-10">
          <p className="flex items-center gap-2 text-sm max-sm:order-first">
            <Logo name={env().APP_NAME} className="text-sm" />
            <span className="text-muted-foreground">{t("name")}</span>
          </p>
          <ClientMessages of={["nav"]}>
            <ConsoleNav label={t("navigation")} />
          </ClientMessages>
          <PrefetchLink
            href="/chat"
            className="-mx-2 ml-auto flex min-h-11 items-center px-2 text-muted-foreground text-sm hover:text-foreground max-sm:order-first"
          >
            {t("backToChat")}
          </PrefetchLink>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-5 py-8 outline-none sm:px-10">
        <ClientMessages of={["stepUp"]}>
          <StepUpProvider>{children}</StepUpProvider>
        </ClientMessages>
      </main>
    </div>
  );
}
