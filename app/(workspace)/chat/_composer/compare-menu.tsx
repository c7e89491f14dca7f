"use client";

import { Columns2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { maxCompared } from "#lib/chat/generation/message-limit.ts";

type Props = {
  models: PickerModel[];
  /** The model of the composer, which is always one of the compared. */
  model: string;
  /** The other models that answer the next message too. */
  others: string[];
  onOthers: (models: string[]) => void;
};

/** A menu to select the models that answer the next message side by side with the composer's model. */
export function CompareMenu({ models, model, others, onOthers }: Props) {
  const t = useTranslations("chat.compare");
  const offered = models.filter((one) => one.isAvailable && one.id !== model && one.status !== "unavailable");
  if (offered.length === 0) return null;
  const isFull = others.length >= maxCompared - 1;
  const label = others.length === 0 ? t("open") : t("opened", { count: others.length + 1 });
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          type="button"
          variant="ghost"
          size="icon-sm"
          data-compare-models
          aria-label={label}
          title={label}
          aria-pressed={others.length > 0}
          className="text-muted-foreground aria-pressed:bg-accent-soft aria-pressed:text-accent"
        >
          <Columns2 aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-72 max-w-[calc(100vw-2rem)]">
        <DropdownMenuLabel>{t("menu", { max: maxCompared })}</DropdownMenuLabel>
        {offered.map(({ id, label: name }) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={others.includes(id)}
            disabled={isFull && !others.includes(id)}
            // The menu stays open for the next one.
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={(checked) =>
              onOthers(checked === true ? [...others, id] : others.filter((one) => one !== id))
            }
          >
            {name}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
