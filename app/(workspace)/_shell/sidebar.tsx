"use client";

import { SquarePen } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { BalanceAmount } from "#app/_ui/formats/money.tsx";
import { Logo } from "#app/_ui/logo.tsx";
import { ConversationList } from "#app/(workspace)/_shell/conversations/conversation-list.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";
import { PaletteButton, ToggleSidebarButton } from "#app/(workspace)/_shell/sidebar-button.tsx";
import { type ShellUser, UserMenu } from "#app/(workspace)/_shell/user-menu.tsx";
import { navLinks } from "#app/pages.ts";

const links = navLinks("workspace");

type Props = {
  appName: string;
  user: ShellUser;
  planName: string;
  /** Collapses the sidebar; absent in the drawer of phones. */
  onCollapse: (() => void) | undefined;
};

/** The list of conversations with the links to all pages. */
export function Sidebar({ appName, user, planName, onCollapse }: Props) {
  const nav = useTranslations("nav");
  const t = useTranslations("shell");
  const pathname = usePathname();
  const { availableMicros } = useConversationList();
  return (
    <>
      <div className="flex items-center justify-between px-4 pt-4 pb-3">
        <PrefetchLink href="/chat" className="touch-target rounded-md">
          <Logo name={appName} />
        </PrefetchLink>
        <div className="flex items-center gap-1">
          <PaletteButton
            size="icon-sm"
            className={cn("text-muted-foreground", onCollapse === undefined && "mr-10")}
          />
          {onCollapse !== undefined && (
            <ToggleSidebarButton
              isExpanded
              onToggle={onCollapse}
              size="icon-sm"
              className="text-muted-foreground"
            />
          )}
        </div>
      </div>
      <div className="px-3 pb-2">
        <PrefetchLink
          href="/chat"
          className="flex min-h-10 items-center gap-2.5 rounded-lg border bg-background px-3 font-medium text-sm hover:bg-card pointer-coarse:min-h-11"
        >
          <SquarePen aria-hidden className="size-4 text-accent" />
          {t("newChat")}
        </PrefetchLink>
      </div>
      <ConversationList />
      <nav aria-label={t("account")} className="border-t px-3 pt-3">
        <PrefetchLink
          href="/usage"
          className="flex min-h-11 items-center justify-between rounded-lg px-2 text-sm hover:bg-background"
        >
          <span className="text-muted-foreground">{planName}</span>
          <span className={cn("font-medium", availableMicros <= 0 && "text-danger")}>
            <BalanceAmount micros={Math.max(0, availableMicros)} />{" "}
            <span className="font-normal text-muted-foreground">{t("left")}</span>
          </span>
        </PrefetchLink>
        <ul className="flex flex-wrap gap-x-1 text-sm">
          {links.map(({ href, label }) => (
            <li key={href}>
              <PrefetchLink
                href={href}
                aria-current={pathname === href ? "page" : undefined}
                className="flex min-h-9 items-center rounded-lg px-2 text-muted-foreground hover:bg-background hover:text-foreground aria-[current=page]:bg-background aria-[current=page]:text-foreground pointer-coarse:min-h-11"
              >
                {nav(label)}
              </PrefetchLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className="p-3">
        <UserMenu user={user} />
      </div>
    </>
  );
}
