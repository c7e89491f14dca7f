"use client";

import { ChevronsUpDown, Gauge, LogOut, Settings } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { MenuButton } from "#app/_ui/overlays/menu-button.tsx";
import type { MenuEntry } from "#app/_ui/overlays/menu-entries.ts";
import { deleteDrafts } from "#app/(workspace)/chat/_composer/drafts.ts";
import { signOutAction } from "#app/(workspace)/settings/actions.ts";

export type ShellUser = { name: string; email: string; operator: boolean };

export function UserMenu({ user }: { user: ShellUser }) {
  const t = useTranslations("shell.userMenu");
  const [isSigningOut, startSignOut] = useTransition();
  const signOut = () => {
    deleteDrafts();
    startSignOut(() => signOutAction());
  };
  const entries: MenuEntry[] = [
    { label: t("settings"), icon: <Settings aria-hidden />, href: "/settings" },
    ...(user.operator ? [{ label: t("operator"), icon: <Gauge aria-hidden />, href: "/operator" }] : []),
    { label: t("signOut"), icon: <LogOut aria-hidden />, onSelect: signOut, startsGroup: true },
  ];
  return (
    <MenuButton
      align="start"
      entries={entries}
      button={{
        disabled: isSigningOut,
        className:
          "flex min-h-12 w-full items-center gap-3 rounded-lg px-2 text-left hover:bg-background data-[state=open]:bg-background",
        children: (
          <>
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
          </>
        ),
      }}
    />
  );
}
