"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { ignoreComposition } from "#app/_ui/is-composing.ts";
import { overlayClasses } from "#app/_ui/overlays/dialog.tsx";

type Props = ComponentProps<typeof Primitive.Content> & { title: string; description?: string };

/** A dialog: a sheet from the bottom edge on phones, a drawer at the right edge of wider screens. */
export function Panel({ className, title, description, children, ...props }: Props) {
  const t = useTranslations("controls");
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        onEscapeKeyDown={ignoreComposition}
        {...(description === undefined && { "aria-describedby": undefined })}
        tabIndex={-1}
        // The panel itself takes the focus: on phones a field would open the keyboard over it.
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
        }}
        className={cn(
          "fixed inset-x-0 bottom-0 z-50 flex max-h-[85dvh] animate-rise flex-col rounded-t-2xl border-t bg-card pb-[env(safe-area-inset-bottom)] shadow-xl outline-none sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:w-96 sm:rounded-none sm:border-t-0 sm:border-l",
          className,
        )}
        {...props}
      >
        <div className="shrink-0 px-5 pt-5 pr-14 pb-3">
          <Primitive.Title className="font-semibold text-lg">{title}</Primitive.Title>
          {description !== undefined && (
            <Primitive.Description className="text-muted-foreground text-sm">
              {description}
            </Primitive.Description>
          )}
        </div>
        {children}
        <Primitive.Close asChild>
          <Button variant="ghost" size="icon-sm" className="absolute top-4 right-3" aria-label={t("close")}>
            <X aria-hidden />
          </Button>
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  );
}

export const PanelRoot = Primitive.Root;
