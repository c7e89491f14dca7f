"use client";

import { Check, ChevronDown, Lock } from "lucide-react";
import Link from "next/link";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuGroup,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { formatMoney } from "#lib/core/money.ts";

type Props = { models: PickerModel[]; model: string; onModel: (model: string) => void };

/** A menu to select the next answer's model, with its description, token prices and required plan. */
export function ModelPicker({ models, model, onModel }: Props) {
  const selected = models.find((candidate) => candidate.id === model);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Model: ${selected?.label ?? model}`}
        className="flex h-9 min-w-0 items-center gap-1.5 rounded-full px-3 text-muted-foreground text-sm hover:bg-muted hover:text-foreground pointer-coarse:h-11"
      >
        <span className="truncate">{selected?.label ?? model}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-88 max-w-[calc(100vw-2rem)]">
        {groupModels(models).map(({ label, models: group }, index) => (
          <DropdownMenuGroup key={label}>
            <DropdownMenuLabel className="flex justify-between gap-3">
              {label}
              {index === 0 && <span className="pr-6">A million tokens, in · out</span>}
            </DropdownMenuLabel>
            {group.map((candidate) => (
              <ModelItem
                key={candidate.id}
                model={candidate}
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

/** Groups models into available ones, those of each other plan, and the sandbox's failing models. */
function groupModels(models: PickerModel[]): { label: string; models: PickerModel[] }[] {
  const regular = models.filter((model) => !model.failing);
  const locked = regular.filter((model) => !model.isAvailable);
  return [
    { label: "In your plan", models: regular.filter((model) => model.isAvailable) },
    ...[...new Set(locked.map((model) => model.planName))].map((plan) => ({
      label: `Opened by ${plan}`,
      models: locked.filter((model) => model.planName === plan),
    })),
    { label: "Sandbox: these fail on demand", models: models.filter((model) => model.failing) },
  ].filter((group) => group.models.length > 0);
}

type ItemProps = { model: PickerModel; selected: boolean; onModel: (model: string) => void };

/** A menu item that selects a model, or links to the plans if the current plan does not include it. */
function ModelItem({ model, selected, onModel }: ItemProps) {
  if (!model.isAvailable) {
    return (
      <DropdownMenuItem asChild className="items-start">
        <Link href="/pricing">
          <ModelDescription model={model} />
          <Lock aria-hidden className="mt-0.5 text-muted-foreground" />
          <span className="sr-only">(see the plans)</span>
        </Link>
      </DropdownMenuItem>
    );
  }
  return (
    <DropdownMenuItem onSelect={() => onModel(model.id)} className="items-start">
      <ModelDescription model={model} />
      <Check aria-hidden className={selected ? "mt-0.5 text-accent" : "invisible"} />
      {selected && <span className="sr-only">(chosen)</span>}
    </DropdownMenuItem>
  );
}

function ModelDescription({ model }: { model: PickerModel }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="flex justify-between gap-3">
        <span className="font-medium">{model.label}</span>
        <span className="text-muted-foreground text-xs tabular-nums leading-5">
          {formatMoney(model.inputMicrosPerMillion)} · {formatMoney(model.outputMicrosPerMillion)}
        </span>
      </span>
      <span className="block text-muted-foreground text-xs">{model.description}</span>
    </span>
  );
}
