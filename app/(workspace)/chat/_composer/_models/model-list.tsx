import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import { filterModels, groupModels } from "#app/(workspace)/chat/_composer/_models/filter-models.ts";
import { ModelRow } from "#app/(workspace)/chat/_composer/_models/model-row.tsx";
import { useModelWords } from "#app/(workspace)/chat/_composer/_models/use-model-words.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

export type ModelListProps = {
  models: PickerModel[];
  model: string;
  favorites: ReadonlySet<string>;
  onFavorite: (model: string, isFavorite: boolean) => void;
  onModel: (model: PickerModel) => void;
};

/**
 * A combobox with a grid (WAI-ARIA): typing filters, the arrow keys choose a row and Enter selects its model.
 * Each row has a second cell with the favorite's button, which Tab reaches for the chosen row.
 */
export function ModelList({ models, model, favorites, onFavorite, onModel }: ModelListProps) {
  const t = useTranslations("chat.picker");
  const words = useModelWords();
  const [query, setQuery] = useState("");
  const [chosenId, setChosenId] = useState(model);
  // The order stays while the list is open: a row would jump away from the finger that has starred it.
  const [order] = useState(favorites);
  const groups = groupModels(filterModels(models, query, words.capabilities), order);
  const rows = groups.flatMap((group) => group.models);
  const chosen = rows.find(({ id }) => id === chosenId) ?? rows[0];
  const gridId = useId();
  const cellId = (id: string) => `${gridId}-${models.findIndex((one) => one.id === id)}`;
  const chosenCell = chosen === undefined ? undefined : cellId(chosen.id);
  useEffect(() => {
    if (chosenCell !== undefined) document.getElementById(chosenCell)?.scrollIntoView({ block: "nearest" });
  }, [chosenCell]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || chosen === undefined) return;
    const index = rows.indexOf(chosen);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + 5, PageUp: index - 5 }[
      event.key
    ];
    if (next !== undefined) {
      event.preventDefault();
      const isStep = event.key.startsWith("Arrow");
      const wrapped = (next + rows.length) % rows.length;
      const target = rows[isStep ? wrapped : Math.max(0, Math.min(rows.length - 1, next))];
      if (target !== undefined) setChosenId(target.id);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      onModel(chosen);
    }
  };
  return (
    <>
      <div className="mx-2 flex shrink-0 items-center gap-2.5 border-b px-3">
        <Search aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <input
          type="text"
          role="combobox"
          aria-label={t("search")}
          aria-expanded
          aria-haspopup="grid"
          aria-controls={gridId}
          aria-activedescendant={chosenCell}
          autoComplete="off"
          enterKeyHint="done"
          placeholder={t("search")}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosenId("");
          }}
          onKeyDown={onKeyDown}
          className="h-11 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted-foreground sm:text-sm"
        />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: the rows are not a table */}
      <div id={gridId} role="grid" aria-label={t("models")} className="min-h-0 flex-1 overflow-y-auto p-2">
        {groups.map(({ kind, plan, models: group }) => (
          // biome-ignore lint/a11y/useSemanticElements: the rows are not a table
          <div key={`${kind} ${plan}`} role="rowgroup" aria-labelledby={`${gridId}-${kind}-${plan}`}>
            <p
              id={`${gridId}-${kind}-${plan}`}
              aria-hidden
              className="px-2.5 pt-2 pb-1 text-muted-foreground text-xs"
            >
              {t(kind, { plan })}
            </p>
            {group.map((candidate) => (
              <ModelRow
                key={candidate.id}
                model={candidate}
                cellId={cellId(candidate.id)}
                isChosen={candidate === chosen}
                isSelected={candidate.id === model}
                isFavorite={favorites.has(candidate.id)}
                onChoose={() => setChosenId(candidate.id)}
                onSelect={() => onModel(candidate)}
                onFavorite={(isFavorite) => onFavorite(candidate.id, isFavorite)}
              />
            ))}
          </div>
        ))}
      </div>
      <p role="status" className={rows.length > 0 ? "sr-only" : "px-5 pb-5 text-muted-foreground text-sm"}>
        {rows.length === 0 ? t("none") : t("count", { count: rows.length })}
      </p>
    </>
  );
}
