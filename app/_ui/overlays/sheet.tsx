"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { ignoreComposition } from "#app/_ui/is-composing.ts";
import { overlayClasses } from "#app/_ui/overlays/dialog.tsx";

export const Sheet = Primitive.Root;
export const SheetTrigger = Primitive.Trigger;

/** A drawer from the left edge, for phones. */
export function SheetContent({
  className,
  title,
  children,
  ...props
}: ComponentProps<typeof Primitive.Content> & { title: string }) {
  const t = useTranslations("controls");
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        onEscapeKeyDown={ignoreComposition}
        // A toast's offer to undo does not close the drawer. With fingers the toast is gone by now.
        onPointerDownOutside={(event) => {
          if (event.target instanceof Element && event.target.closest("[data-toast]") !== null)
            event.preventDefault();
        }}
        aria-describedby={undefined}
        tabIndex={-1}
        // The drawer itself takes the focus: a field would open the keyboard over it.
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
        }}
        className={cn(
          "fixed inset-y-0 left-0 z-50 flex w-80 max-w-[85vw] animate-slide flex-col bg-background shadow-xl outline-none",
          className,
        )}
        {...props}
      >
        <Primitive.Title className="sr-only">{title}</Primitive.Title>
        {children}
        <Primitive.Close asChild>
          <Button
            variant="ghost"
            size="icon-sm"
            className="absolute top-2 right-2"
            aria-label={t("closeMenu")}
          >
            <X aria-hidden />
          </Button>
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
