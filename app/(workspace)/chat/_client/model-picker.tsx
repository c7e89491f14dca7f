"use client";

import { Check, ChevronDown, Lock } from "lucide-react";
import Link from "next/link";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_ui/dropdown-menu.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_server/read-chat-frame.ts";
import { formatMoney } from "#lib/ground/money.ts";

type Props = { models: PickerModel[]; model: string; onModel: (model: string) => void };

/** Which model answers next: what it is good at, what a million tokens cost, and which plan opens it. */
export function ModelPicker({ models, model, onModel }: Props) {
  const chosen = models.find((candidate) => candidate.id === model);
  const ordinary = models.filter((candidate) => !candidate.id.startsWith("sandbox-"));
  const failing = models.filter((candidate) => candidate.id.startsWith("sandbox-"));
  const item = (candidate: PickerModel) =>
    candidate.open ? (
      <DropdownMenuItem key={candidate.id} onSelect={() => onModel(candidate.id)} className="items-start">
        <ModelWords model={candidate} />
        <Check aria-hidden className={candidate.id === model ? "mt-0.5 text-accent" : "invisible"} />
        {candidate.id === model && <span className="sr-only">(chosen)</span>}
      </DropdownMenuItem>
    ) : (
      <DropdownMenuItem key={candidate.id} asChild className="items-start">
        <Link href="/pricing">
          <ModelWords model={candidate} note={`Opened by ${candidate.planName}`} />
          <Lock aria-hidden className="mt-0.5 text-muted-foreground" />
        </Link>
      </DropdownMenuItem>
    );
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Model: ${chosen?.label ?? model}`}
        className="flex h-9 min-w-0 items-center gap-1.5 rounded-full px-3 text-muted-foreground text-sm hover:bg-muted hover:text-foreground pointer-coarse:h-11"
      >
        <span className="truncate">{chosen?.label ?? model}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-88 max-w-[calc(100vw-2rem)]">
        <DropdownMenuLabel>Dollars for a million tokens, in and out</DropdownMenuLabel>
        {ordinary.map(item)}
        {failing.length > 0 && (
          <>
            <DropdownMenuSeparator />
            <DropdownMenuLabel>Sandbox: these fail on demand</DropdownMenuLabel>
            {failing.map(item)}
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function ModelWords({ model, note }: { model: PickerModel; note?: string }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="flex justify-between gap-3">
        <span className="font-medium">{model.label}</span>
        <span className="text-muted-foreground text-xs tabular-nums leading-5">
          {formatMoney(model.inputMicrosPerMillion)} · {formatMoney(model.outputMicrosPerMillion)}
        </span>
      </span>
      <span className="block text-muted-foreground text-xs">{note ?? model.description}</span>
    </span>
  );
}
