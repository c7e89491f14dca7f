"use client";

import { ChevronsUpDown, Gauge, Keyboard, LogOut, Settings } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTransition } from "react";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import { usePalette } from "#app/(workspace)/_shell/palette/palette-provider.tsx";
import { deleteDrafts } from "#app/(workspace)/chat/_composer/drafts.ts";
import { signOutAction } from "#app/(workspace)/settings/actions.ts";

export type ShellUser = { name: string; email: string; operator: boolean };

export function UserMenu({ user }: { user: ShellUser }) {
  const t = useTranslations("shell.userMenu");
  const { openShortcuts } = usePalette();
  const [isSigningOut, startSignOut] = useTransition();
  const signOut = () => {
    deleteDrafts();
    startSignOut(() => signOutAction());
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        disabled={isSigningOut}
        className="flex min-h-12 w-full items-center gap-3 rounded-lg px-2 text-left hover:bg-background data-[state=open]:bg-background"
      >
        <span
          aria-hidden
          className="flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft font-medium text-accent text-sm"
        >
          {(user.name[0] ?? "?").toUpperCase()}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium text-sm">{user.name}</span>
          <span className="block truncate text-muted-foreground text-xs">{user.email}</span>
        </span>
        <ChevronsUpDown aria-hidden className="size-4 text-muted-foreground" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-60">
        <DropdownMenuItem asChild>
          <Link href="/settings">
            <Settings aria-hidden /> {t("settings")}
          </Link>
        </DropdownMenuItem>
        {user.operator && (
          <DropdownMenuItem asChild>
            <Link href="/operator">
              <Gauge aria-hidden /> {t("operator")}
            </Link>
          </DropdownMenuItem>
        )}
        <DropdownMenuItem onSelect={openShortcuts}>
          <Keyboard aria-hidden /> {t("shortcuts")}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={signOut}>
          <LogOut aria-hidden /> {t("signOut")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
