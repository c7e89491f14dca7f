"use client";

import { Menu, SquarePen } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { BalanceAmount } from "#app/_ui/formats/money.tsx";
import { Logo } from "#app/_ui/logo.tsx";
import { Sheet, SheetContent, SheetTrigger } from "#app/_ui/overlays/sheet.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { NavigationSkeleton } from "#app/(workspace)/_shell/navigation-skeleton.tsx";
import { Sidebar } from "#app/(workspace)/_shell/sidebar.tsx";
import { useShortcuts } from "#app/(workspace)/_shell/use-shortcuts.ts";
import type { ShellUser } from "#app/(workspace)/_shell/user-menu.tsx";

type Props = {
  appName: string;
  user: ShellUser;
  planName: string;
  /** A banner above every page. */
  notice?: ReactNode;
  children: ReactNode;
};

/** The frame of every signed-in page: the sidebar beside it, or in a drawer on small screens. */
export function Shell({ appName, user, planName, notice, children }: Props) {
  const t = useTranslations("shell");
  const pathname = usePathname();
  const [drawerOpen, setDrawerOpen] = useState(false);
  const { availableMicros } = useConversationList();
  useShortcuts(() => setDrawerOpen(true));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes
  useEffect(() => setDrawerOpen(false), [pathname]);
  const sidebar = <Sidebar appName={appName} user={user} planName={planName} />;
  return (
    <div className="group/shell flex h-dvh">
      <a
        href="#main"
        className="-translate-y-20 fixed top-2 left-2 z-60 rounded-md bg-accent px-4 py-2 text-accent-foreground focus:translate-y-0"
      >
        {t("skip")}
      </a>
      <aside aria-label={t("sidebar")} className="hidden w-72 shrink-0 flex-col border-r bg-sidebar md:flex">
        {sidebar}
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-14 shrink-0 items-center justify-between border-b px-2 md:hidden">
          <Sheet open={drawerOpen} onOpenChange={setDrawerOpen}>
            <SheetTrigger asChild>
              <Button variant="ghost" size="icon" aria-label={t("openMenu")}>
                <Menu aria-hidden />
              </Button>
            </SheetTrigger>
            <SheetContent title={t("menu")}>{sidebar}</SheetContent>
          </Sheet>
          <Logo name={appName} className="text-sm" />
          <div className="flex items-center">
            <Link
              href="/usage"
              className="flex min-h-11 items-center rounded-lg px-2 text-muted-foreground text-sm"
            >
              <BalanceAmount micros={Math.max(0, availableMicros)} />
              <span className="sr-only"> {t("left")}</span>
            </Link>
            <Button asChild variant="ghost" size="icon">
              <Link href="/chat" aria-label={t("newChat")}>
                <SquarePen aria-hidden />
              </Link>
            </Button>
          </div>
        </header>
        {notice}
        <div className="relative flex min-h-0 flex-1 flex-col">
          {/* Relative, so that visually hidden elements scroll with it and do not lengthen the document. */}
          <main
            id="main"
            tabIndex={-1}
            className="relative flex min-h-0 flex-1 flex-col overflow-y-auto outline-none [&:not(:has(>[data-full]))]:p-5 sm:[&:not(:has(>[data-full]))]:p-10 [&>*:not([data-full])]:mx-auto [&>*:not([data-full])]:w-full [&>*:not([data-full])]:max-w-4xl"
          >
            {children}
          </main>
          <NavigationSkeleton />
        </div>
      </div>
    </div>
  );
}
