"use client";

import { Search, SquarePen } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { PaletteButton, ToggleSidebarButton } from "#app/(workspace)/_shell/sidebar-button.tsx";

/** The collapsed sidebar. */
export function SidebarRail({ onExpand }: { onExpand: () => void }) {
  const t = useTranslations("shell");
  return (
    <div className="flex flex-col items-center gap-2 py-3.5">
      <ToggleSidebarButton isExpanded={false} onToggle={onExpand} size="icon" />
      <PaletteButton size="icon" />
      <Button asChild variant="ghost" size="icon" className="hover:bg-background">
        <Link href="/chat" aria-label={t("newChat")} title={t("newChat")}>
          <SquarePen aria-hidden className="text-accent" />
        </Link>
      </Button>
      <Button asChild variant="ghost" size="icon" className="hover:bg-background">
        <Link href="/search" aria-label={t("chats.search")} title={t("chats.search")}>
          <Search aria-hidden />
        </Link>
      </Button>
    </div>
  );
}
