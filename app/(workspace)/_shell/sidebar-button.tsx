import { Command, PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ComponentProps, ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { usePalette } from "#app/(workspace)/_shell/palette/palette-provider.tsx";

type Look = Pick<ComponentProps<typeof Button>, "size" | "className">;

/** Opens the command palette. */
export function PaletteButton(look: Look) {
  const t = useTranslations("palette");
  const { openPalette } = usePalette();
  return (
    <SidebarButton {...look} label={t("open")} keys="Control+K" onClick={openPalette}>
      <Command aria-hidden />
    </SidebarButton>
  );
}

/** Collapses the sidebar, or expands it again. */
export function ToggleSidebarButton({
  isExpanded,
  onToggle,
  ...look
}: Look & { isExpanded: boolean; onToggle: () => void }) {
  const t = useTranslations("shell");
  return (
    <SidebarButton
      {...look}
      label={t(isExpanded ? "collapse" : "expand")}
      keys="Control+B"
      onClick={onToggle}
    >
      {isExpanded ? <PanelLeftClose aria-hidden /> : <PanelLeftOpen aria-hidden />}
    </SidebarButton>
  );
}

type Props = Look & { label: string; keys: string; onClick: () => void; children: ReactNode };

function SidebarButton({ label, keys, onClick, size, className, children }: Props) {
  return (
    <Button
      variant="ghost"
      size={size}
      aria-label={label}
      title={label}
      aria-keyshortcuts={keys}
      onClick={onClick}
      className={cn("hover:bg-background", className)}
    >
      {children}
    </Button>
  );
}
