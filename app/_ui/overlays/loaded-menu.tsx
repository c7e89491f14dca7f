"use client";

import Link from "next/link";
import { Fragment } from "react";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import type { MenuEntry, MenuProps } from "#app/_ui/overlays/menu-entries.ts";

/** The menu of a `MenuButton`, which mounts it at the first click: it opens at once. */
export function LoadedMenu({ entries, align, button }: MenuProps) {
  return (
    <DropdownMenu defaultOpen>
      <DropdownMenuTrigger {...button} />
      <DropdownMenuContent align={align}>
        {entries.map((entry) => (
          <Fragment key={entry.label}>
            {entry.startsGroup === true && <DropdownMenuSeparator />}
            <Entry {...entry} />
          </Fragment>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function Entry(entry: MenuEntry) {
  const className = entry.isDestructive === true ? "text-danger" : undefined;
  if ("href" in entry)
    return (
      <DropdownMenuItem asChild className={className}>
        <Link href={entry.href}>
          {entry.icon} {entry.label}
        </Link>
      </DropdownMenuItem>
    );
  return (
    <DropdownMenuItem onSelect={entry.onSelect} className={className}>
      {entry.icon} {entry.label}
    </DropdownMenuItem>
  );
}
