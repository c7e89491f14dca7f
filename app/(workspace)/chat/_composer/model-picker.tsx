"use client";

import { Check, ChevronDown, Lock, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuGroup,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = { models: PickerModel[]; model: string; onModel: (model: string) => void };

/** A menu to select the next answer's model, with its description, token prices and required plan. */
export function ModelPicker({ models, model, onModel }: Props) {
  const t = useTranslations("chat.picker");
  const prices = usePrices(models);
  const selected = models.find((candidate) => candidate.id === model);
  const isMarked = selected !== undefined && selected.status !== "available";
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={t(isMarked ? "triggerUnavailable" : "trigger", { model: selected?.label ?? model })}
        className="flex h-9 min-w-0 items-center gap-1.5 rounded-full px-3 text-muted-foreground text-sm hover:bg-muted hover:text-foreground pointer-coarse:h-11"
      >
        <span className="truncate">{selected?.label ?? model}</span>
        {isMarked && <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-warning" />}
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-88 max-w-[calc(100vw-2rem)]">
        {groupModels(models).map(({ title, models: group }, index) => (
          <DropdownMenuGroup key={`${title.key} ${title.plan}`}>
            <DropdownMenuLabel className="flex justify-between gap-3">
              {t(title.key, { plan: title.plan })}
              {index === 0 && <span className="pr-6 text-right">{t("prices")}</span>}
            </DropdownMenuLabel>
            {group.map((candidate) => (
              <ModelItem
                key={candidate.id}
                model={candidate}
                price={prices(candidate)}
                selected={candidate.id === model}
                onModel={onModel}
              />
            ))}
          </DropdownMenuGroup>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

type ModelGroup = {
  title: { key: "inPlan" | "availableOn" | "sandbox"; plan: string };
  models: PickerModel[];
};

/** Returns a function that formats a model's prices; those of a column have equal decimals. */
function usePrices(models: PickerModel[]): (model: PickerModel) => string {
  const { moneyIn } = formatsFor(useLocale());
  const input = moneyIn(models.map((model) => model.inputMicrosPerMillion));
  const output = moneyIn(models.map((model) => model.outputMicrosPerMillion));
  return (model) => `${input(model.inputMicrosPerMillion)} · ${output(model.outputMicrosPerMillion)}`;
}

/** Groups models into available ones, those of each other plan, and the sandbox's failing models. */
function groupModels(models: PickerModel[]): ModelGroup[] {
  const regular = models.filter((model) => !model.failing);
  const locked = regular.filter((model) => !model.isAvailable);
  return [
    { title: { key: "inPlan" as const, plan: "" }, models: regular.filter((model) => model.isAvailable) },
    ...[...new Set(locked.map((model) => model.planName))].map((plan) => ({
      title: { key: "availableOn" as const, plan },
      models: locked.filter((model) => model.planName === plan),
    })),
    { title: { key: "sandbox" as const, plan: "" }, models: models.filter((model) => model.failing) },
  ].filter((group) => group.models.length > 0);
}

type ItemProps = { model: PickerModel; price: string; selected: boolean; onModel: (model: string) => void };

/** A menu item that selects a model, or links to the plans if the current plan does not include it. */
function ModelItem({ model, price, selected, onModel }: ItemProps) {
  const t = useTranslations("chat.picker");
  if (!model.isAvailable) {
    return (
      <DropdownMenuItem asChild className="items-start">
        <Link href="/billing/plan">
          <ModelDescription model={model} price={price} />
          <Lock aria-hidden className="mt-0.5 text-muted-foreground" />
          <span className="sr-only">{t("seePlans")}</span>
        </Link>
      </DropdownMenuItem>
    );
  }
  return (
    <DropdownMenuItem onSelect={() => onModel(model.id)} className="items-start">
      <ModelDescription model={model} price={price} />
      <Check aria-hidden className={selected ? "mt-0.5 text-accent" : "invisible"} />
      {selected && <span className="sr-only">{t("selected")}</span>}
    </DropdownMenuItem>
  );
}

function ModelDescription({ model, price }: { model: PickerModel; price: string }) {
  const t = useTranslations("chat.picker");
  return (
    <span className="min-w-0 flex-1">
      <span className="flex justify-between gap-3">
        <span className="font-medium">{model.label}</span>
        <span className="text-muted-foreground text-xs tabular-nums leading-5">{price}</span>
      </span>
      <span className="block text-muted-foreground text-xs">{model.description}</span>
      {model.status !== "available" && (
        <span className="mt-0.5 flex gap-1.5 text-warning text-xs">
          <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
          {model.answeredBy === null ? t("unavailable") : t("answeredBy", { model: model.answeredBy })}
        </span>
      )}
    </span>
  );
}
