import { Check, Lock, Star, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { useModelWords } from "#app/(workspace)/chat/_composer/_models/use-model-words.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

type Props = {
  model: PickerModel;
  cellId: string;
  /** The row that the arrow keys have reached. */
  isChosen: boolean;
  /** The model of the next answer. */
  isSelected: boolean;
  isFavorite: boolean;
  onChoose: () => void;
  onSelect: () => void;
  onFavorite: (isFavorite: boolean) => void;
};

/** A model with its capabilities, price and state, and the button that makes it a favorite. */
export function ModelRow(props: Props) {
  const { model, cellId, isChosen, isSelected, isFavorite, onChoose, onSelect, onFavorite } = props;
  const t = useTranslations("chat.picker");
  const words = useModelWords();
  return (
    // biome-ignore lint/a11y/useSemanticElements: the rows are not a table
    // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus (aria-activedescendant)
    <div
      role="row"
      onPointerMove={onChoose}
      className={cn("flex items-start rounded-lg", isChosen && "bg-muted")}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys */}
      <div
        id={cellId}
        role="gridcell"
        aria-selected={isSelected}
        tabIndex={-1}
        onClick={onSelect}
        className="min-w-0 flex-1 cursor-pointer py-2 pl-2.5 text-sm outline-none"
      >
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">{model.label}</span>
          {isSelected && (
            <>
              <Check aria-hidden className="size-4 text-accent" />
              <span className="sr-only">{t("selected")}</span>
            </>
          )}
          {!model.isAvailable && (
            <span className="flex items-center gap-1 text-muted-foreground text-xs">
              <Lock aria-hidden className="size-3.5" />
              <span className="sr-only">{t("locked", { plan: model.planName })}</span>
              <span aria-hidden>{model.planName}</span>
            </span>
          )}
          <span className="ml-auto text-muted-foreground text-xs tabular-nums">{words.price(model)}</span>
        </span>
        <span className="block text-muted-foreground text-xs">{model.description}</span>
        <span className="mt-1 flex flex-wrap items-center gap-x-1.5 gap-y-1 text-muted-foreground text-xs">
          {words.capabilities(model).map((capability) => (
            <span key={capability} className="rounded-full border px-2 py-px">
              {capability}
            </span>
          ))}
        </span>
        {model.status !== "available" && (
          <span className="mt-1 flex gap-1.5 text-warning text-xs">
            <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
            {model.answeredBy === null ? t("unavailable") : t("answeredBy", { model: model.answeredBy })}
          </span>
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: its button takes the focus */}
      <div role="gridcell">
        <button
          type="button"
          aria-label={t(isFavorite ? "removeFavorite" : "addFavorite", { model: model.label })}
          tabIndex={isChosen ? 0 : -1}
          onFocus={onChoose}
          onClick={() => onFavorite(!isFavorite)}
          className="grid size-10 place-items-center rounded-lg text-muted-foreground hover:text-foreground pointer-coarse:size-11"
        >
          <Star aria-hidden className={cn("size-4", isFavorite && "fill-warning text-warning")} />
        </button>
      </div>
    </div>
  );
}
