"use client";

import { ChevronDown, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { useLoadedPart } from "#app/_ui/overlays/use-loaded-part.ts";
import { useFavorites } from "#app/(workspace)/chat/_composer/_models/use-favorites.ts";
import { useUpgrade } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

type Props = {
  models: PickerModel[];
  model: string;
  /** The ids of the user's favorites, when the page was loaded. */
  favorites: readonly string[];
  onModel: (model: string) => void;
};

const loadPanel = () => import("#app/(workspace)/chat/_composer/_models/model-panel.tsx");

/** The button that names the next answer's model and opens the list of models, which is loaded then. */
export function ModelPicker({ models, model, favorites: initialFavorites, onModel }: Props) {
  const t = useTranslations("chat.picker");
  const trigger = useRef<HTMLButtonElement>(null);
  const { part, preload, open, close } = useLoadedPart(loadPanel);
  const { favorites, toggle } = useFavorites(initialFavorites);
  const openUpgrade = useUpgrade();
  const selected = models.find((candidate) => candidate.id === model);
  const isMarked = selected !== undefined && selected.status !== "available";
  const select = (candidate: PickerModel) => {
    close();
    if (candidate.isAvailable) onModel(candidate.id);
    else openUpgrade({ kind: "model", model: candidate });
  };
  return (
    <>
      <button
        ref={trigger}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={part !== null}
        aria-label={t(isMarked ? "triggerUnavailable" : "trigger", { model: selected?.label ?? model })}
        onPointerEnter={preload}
        onFocus={preload}
        onClick={part === null ? open : close}
        className="flex h-9 min-w-0 items-center gap-1.5 rounded-full px-3 text-muted-foreground text-sm hover:bg-muted hover:text-foreground pointer-coarse:h-11"
      >
        <span className="truncate">{selected?.label ?? model}</span>
        {isMarked && <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-warning" />}
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </button>
      {part !== null && (
        <part.ModelPanel
          models={models}
          model={model}
          favorites={favorites}
          onFavorite={toggle}
          onModel={select}
          onClose={close}
          trigger={trigger}
        />
      )}
    </>
  );
}
