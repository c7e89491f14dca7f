"use client";

import { ListMinus, ListPlus, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuGroup,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { Regeneration } from "#app/(workspace)/chat/_stream/chat-state.ts";

type Props = {
  models: PickerModel[];
  /** The model of the answer; it is not offered as another one. */
  model: string | null;
  busy: boolean;
  onRegenerate: (options: Regeneration) => void;
};

/** Asks for another answer to the same message: again, shorter, longer, or by another model. */
export function RegenerateMenu({ models, model, busy, onRegenerate }: Props) {
  const t = useTranslations("chat.answerActions");
  const others = models.filter(
    (one) => one.isAvailable && !one.failing && one.status !== "unavailable" && one.id !== model,
  );
  const sameModel =
    models.some((one) => one.id === model && one.isAvailable) && model !== null ? { model } : {};
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild disabled={busy} aria-label={t("regenerate")} title={t("regenerate")}>
        <Button variant="ghost" size="icon-sm" disabled={busy}>
          <RotateCcw aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-60">
        <DropdownMenuItem onSelect={() => onRegenerate({})}>
          <RotateCcw aria-hidden /> {t("again")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onRegenerate({ ...sameModel, instruction: "shorter" })}>
          <ListMinus aria-hidden /> {t("shorter")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onRegenerate({ ...sameModel, instruction: "longer" })}>
          <ListPlus aria-hidden /> {t("longer")}
        </DropdownMenuItem>
        {others.length > 0 && (
          <DropdownMenuGroup>
            <DropdownMenuSeparator />
            <DropdownMenuLabel>{t("otherModel")}</DropdownMenuLabel>
            {others.map((other) => (
              <DropdownMenuItem key={other.id} onSelect={() => onRegenerate({ model: other.id })}>
                {other.label}
              </DropdownMenuItem>
            ))}
          </DropdownMenuGroup>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
