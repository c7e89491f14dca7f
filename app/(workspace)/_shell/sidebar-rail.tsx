"use client";

import { Command, PanelLeftOpen, SquarePen } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { usePalette } from "#app/(workspace)/_shell/palette/palette-provider.tsx";

/** The collapsed sidebar. */
export function SidebarRail({ onExpand }: { onExpand: () => void }) {
  const t = useTranslations("shell");
  const palette = useTranslations("palette");
  const { openPalette } = usePalette();
  return (
    <div className="flex flex-col items-center gap-2 py-3.5">
      <Button
        variant="ghost"
        size="icon"
        aria-label={t("expand")}
        title={t("expand")}
        aria-keyshortcuts="Control+B"
        onClick={onExpand}
        className="hover:bg-background"
      >
        <PanelLeftOpen aria-hidden />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={palette("open")}
        title={palette("open")}
        aria-keyshortcuts="Control+K"
        onClick={openPalette}
        className="hover:bg-background"
      >
        <Command aria-hidden />
      </Button>
      <Button asChild variant="ghost" size="icon" className="hover:bg-background">
        <Link href="/chat" aria-label={t("newChat")} title={t("newChat")}>
          <SquarePen aria-hidden className="text-accent" />
        </Link>
      </Button>
    </div>
  );
}
