"use client";

import { Slot } from "radix-ui";
import { type ComponentProps, createContext, useContext, useState } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import type * as PartsModule from "#app/_ui/overlays/dropdown-parts.tsx";

type Parts = typeof PartsModule;

const MenuContext = createContext<{ parts: Parts | null; open: () => void } | null>(null);

let loadedParts: Parts | null = null;

async function loadParts(): Promise<Parts> {
  loadedParts = await import("#app/_ui/overlays/dropdown-parts.tsx");
  return loadedParts;
}

/** Starts loading when the pointer or the focus arrives, so that the menu opens without delay. */
function preload(): void {
  loadParts().catch(() => {});
}

/**
 * A non-modal menu. Its code, a tenth of the app's first load, is loaded when a menu is opened for the first
 * time; until then the trigger is a plain button.
 */
export function DropdownMenu({ children, ...props }: ComponentProps<Parts["Menu"]>) {
  // Used only once the menu was opened: replacing the button under a pressed pointer would lose the click.
  const [parts, setParts] = useState<Parts | null>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    const show = (loaded: Parts) => {
      setParts(loaded);
      setOpen(true);
    };
    if (loadedParts !== null) show(loadedParts);
    // Without a connection the code cannot be loaded; the next click tries again.
    else loadParts().then(show, () => {});
  };
  const content = <MenuContext value={{ parts, open }}>{children}</MenuContext>;
  if (parts === null) return content;
  return (
    <parts.Menu open={isOpen} onOpenChange={setOpen} {...props}>
      {content}
    </parts.Menu>
  );
}

function useMenu() {
  const menu = useContext(MenuContext);
  if (menu === null) throw new Error("Parts of a menu belong into a DropdownMenu.");
  return menu;
}

export function DropdownMenuTrigger({ asChild, ...props }: ComponentProps<Parts["Trigger"]>) {
  const { parts, open } = useMenu();
  if (parts !== null) return <parts.Trigger {...props} {...(asChild !== undefined && { asChild })} />;
  const Button = asChild === true ? Slot.Root : "button";
  return (
    <Button
      type="button"
      aria-haspopup="menu"
      aria-expanded={false}
      {...props}
      onPointerEnter={preload}
      onFocus={preload}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" || isComposing(event)) return;
        event.preventDefault();
        open();
      }}
    />
  );
}

export function DropdownMenuContent(props: ComponentProps<Parts["Content"]>) {
  const { parts } = useMenu();
  return parts && <parts.Content {...props} />;
}

export function DropdownMenuGroup(props: ComponentProps<Parts["Group"]>) {
  const { parts } = useMenu();
  return parts && <parts.Group {...props} />;
}

export function DropdownMenuItem(props: ComponentProps<Parts["Item"]>) {
  const { parts } = useMenu();
  return parts && <parts.Item {...props} />;
}

export function DropdownMenuCheckboxItem(props: ComponentProps<Parts["CheckboxItem"]>) {
  const { parts } = useMenu();
  return parts && <parts.CheckboxItem {...props} />;
}

export function DropdownMenuLabel(props: ComponentProps<Parts["Label"]>) {
  const { parts } = useMenu();
  return parts && <parts.Label {...props} />;
}

export function DropdownMenuSeparator(props: ComponentProps<Parts["Separator"]>) {
  const { parts } = useMenu();
  return parts && <parts.Separator {...props} />;
}
