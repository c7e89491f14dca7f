"use client";

import { useTranslations } from "next-intl";
import { Popover } from "radix-ui";
import { type RefObject, useState } from "react";
import { ignoreComposition } from "#app/_ui/is-composing.ts";
import { Panel, PanelRoot } from "#app/_ui/overlays/panel.tsx";
import { ModelList, type ModelListProps } from "#app/(workspace)/chat/_composer/_models/model-list.tsx";

type Props = ModelListProps & {
  onClose: () => void;
  /** The button that opened it, next to which it appears and to which the focus returns. */
  trigger: RefObject<HTMLButtonElement | null>;
};

/** The list of models: next to its button on wide screens, a sheet from the bottom edge on phones. */
export function ModelPanel({ onClose, trigger, ...list }: Props) {
  const t = useTranslations("chat.picker");
  const [isPhone] = useState(() => !window.matchMedia("(min-width: 40rem)").matches);
  const onOpenChange = (isOpen: boolean) => !isOpen && onClose();
  const onCloseAutoFocus = (event: Event) => {
    event.preventDefault();
    // Not when a choice has moved the focus elsewhere, or opened a dialog.
    if (document.activeElement === document.body || document.activeElement === null) trigger.current?.focus();
  };
  if (isPhone) {
    return (
      <PanelRoot open onOpenChange={onOpenChange}>
        <Panel title={t("title")} onCloseAutoFocus={onCloseAutoFocus} className="h-[85dvh]">
          <ModelList {...list} />
        </Panel>
      </PanelRoot>
    );
  }
  return (
    <Popover.Root open onOpenChange={onOpenChange}>
      <Popover.Anchor virtualRef={trigger} />
      <Popover.Portal>
        <Popover.Content
          aria-label={t("title")}
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          onEscapeKeyDown={ignoreComposition}
          // The button closes the list itself.
          onInteractOutside={(event) => {
            if (event.target instanceof Node && trigger.current?.contains(event.target))
              event.preventDefault();
          }}
          onCloseAutoFocus={onCloseAutoFocus}
          className="z-50 flex max-h-[min(34rem,var(--radix-popover-content-available-height))] w-112 max-w-[calc(100vw-2rem)] animate-rise flex-col rounded-xl border bg-card shadow-lg outline-none"
        >
          <ModelList {...list} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
