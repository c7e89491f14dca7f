"use client";

import { Menu, SquarePen } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { BalanceAmount } from "#app/_ui/formats/money.tsx";
import { Logo } from "#app/_ui/logo.tsx";
import { Sheet, SheetContent, SheetTrigger } from "#app/_ui/overlays/sheet.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { NavigationSkeleton } from "#app/(workspace)/_shell/navigation-skeleton.tsx";
import { PaletteProvider } from "#app/(workspace)/_shell/palette/palette-provider.tsx";
import { Sidebar } from "#app/(workspace)/_shell/sidebar.tsx";
import { collapsedCookie, setSidebarCookie } from "#app/(workspace)/_shell/sidebar-cookies.ts";
import { SidebarRail } from "#app/(workspace)/_shell/sidebar-rail.tsx";
import { useShortcuts } from "#app/(workspace)/_shell/use-shortcuts.ts";
import type { ShellUser } from "#app/(workspace)/_shell/user-menu.tsx";

type Props = {
  appName: string;
  user: ShellUser;
  planName: string;
  /** Whether the sidebar was collapsed in this browser. */
  isCollapsed: boolean;
  /** A banner above every page. */
  notice?: ReactNode;
  children: ReactNode;
};

/** The frame of every signed-in page: the sidebar beside it, or in a drawer on small screens. */
export function Shell({ appName, user, planName, isCollapsed: wasCollapsed, notice, children }: Props) {
  const t = useTranslations("shell");
  const pathname = usePathname();
  const [drawerOpen, setDrawerOpen] = useState(false);
  const { availableMicros } = useConversationList();
  const [isCollapsed, setCollapsed] = useState(wasCollapsed);
  const toggleSidebar = useCallback(() => {
    if (!isWide()) return setDrawerOpen((isOpen) => !isOpen);
    setCollapsed((current) => {
      setSidebarCookie(collapsedCookie, current ? "open" : "collapsed");
      return !current;
    });
  }, []);
  useShortcuts(toggleSidebar);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes
  useEffect(() => setDrawerOpen(false), [pathname]);
  const sidebar = (onCollapse?: () => void) => (
    <Sidebar appName={appName} user={user} planName={planName} onCollapse={onCollapse} />
  );
  return (
    <PaletteProvider toggleSidebar={toggleSidebar}>
      <div className="group/shell flex h-dvh">
        <a
          href="#main"
          className="-translate-y-20 fixed top-2 left-2 z-60 rounded-md bg-accent px-4 py-2 text-accent-foreground focus:translate-y-0"
        >
          {t("skip")}
        </a>
        <aside
          aria-label={t("sidebar")}
          className={cn(
            "hidden shrink-0 flex-col border-r bg-sidebar md:flex",
            isCollapsed ? "w-14" : "w-72",
          )}
        >
          {isCollapsed ? <SidebarRail onExpand={toggleSidebar} /> : sidebar(toggleSidebar)}
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="flex h-14 shrink-0 items-center justify-between border-b px-2 md:hidden">
            <Sheet open={drawerOpen} onOpenChange={setDrawerOpen}>
              <SheetTrigger asChild>
                <Button variant="ghost" size="icon" aria-label={t("openMenu")}>
                  <Menu aria-hidden />
                </Button>
              </SheetTrigger>
              <SheetContent
                title={t("menu")}
                // A link to the open page, "New chat" for example, changes no path.
                onClick={({ target }) => {
                  if (target instanceof Element && target.closest("a[href]") !== null) setDrawerOpen(false);
                }}
              >
                {sidebar()}
              </SheetContent>
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
            {/* Relative, so that hidden elements scroll with it and do not lengthen the document. */}
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
    </PaletteProvider>
  );
}

/** Whether the sidebar is beside the page (Tailwind's `md`). */
function isWide(): boolean {
  return window.matchMedia("(min-width: 48rem)").matches;
}
