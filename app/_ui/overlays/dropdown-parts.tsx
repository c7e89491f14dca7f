"use client";

import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";
import { ignoreComposition } from "#app/_ui/is-composing.ts";

/** A non-modal menu: the rest of the page stays accessible while it is open. */
export function Menu(props: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root modal={false} {...props} />;
}

export const Trigger = Primitive.Trigger;
export const Group = Primitive.Group;

export function Content({ className, sideOffset = 6, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        onEscapeKeyDown={ignoreComposition}
        sideOffset={sideOffset}
        collisionPadding={8}
        className={cn(
          "z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-rise overflow-y-auto rounded-lg border bg-card p-1 shadow-lg",
          className,
        )}
        {...props}
      />
    </Primitive.Portal>
  );
}

const itemClasses =
  "flex min-h-9 cursor-default select-none items-center gap-2 rounded-md px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-muted data-disabled:opacity-50 pointer-coarse:min-h-11 [&_svg:not([class*='size-'])]:size-4";

export function Item({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return <Primitive.Item className={cn(itemClasses, className)} {...props} />;
}

/** An item that is checked or not; the mark is at its end. */
export function CheckboxItem({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.CheckboxItem>) {
  return (
    <Primitive.CheckboxItem className={cn(itemClasses, className)} {...props}>
      <span className="min-w-0 flex-1">{children}</span>
      <Primitive.ItemIndicator>
        <Check aria-hidden className="text-accent" />
      </Primitive.ItemIndicator>
    </Primitive.CheckboxItem>
  );
}

export function Label({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return (
    <Primitive.Label className={cn("px-2.5 py-1.5 text-muted-foreground text-xs", className)} {...props} />
  );
}

export function Separator({ className, ...props }: ComponentProps<typeof Primitive.Separator>) {
  return <Primitive.Separator className={cn("-mx-1 my-1 h-px bg-border", className)} {...props} />;
}
