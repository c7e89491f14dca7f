import { Pin } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { periods, type SearchFilters } from "#app/(workspace)/search/search-query.ts";

export type SearchModel = { id: string; label: string };

type Props = {
  filters: SearchFilters;
  models: SearchModel[];
  onChange: (change: Partial<SearchFilters>) => void;
};

const control =
  "h-9 rounded-lg border bg-background px-2.5 text-base hover:bg-muted sm:text-sm pointer-coarse:h-11";

/** Model, period and pins. */
export function SearchFilterBar({ filters, models, onChange }: Props) {
  const t = useTranslations("search.filters");
  const active = (isActive: boolean) => cn(control, isActive && "border-accent bg-accent-soft");
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a visible legend
    <div role="group" aria-label={t("label")} className="flex flex-wrap items-center gap-2">
      <select
        aria-label={t("model")}
        value={filters.model}
        onChange={({ target }) => onChange({ model: target.value })}
        className={cn(active(filters.model !== ""), "max-w-44")}
      >
        <option value="">{t("anyModel")}</option>
        {models.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <select
        aria-label={t("period")}
        value={filters.period}
        onChange={({ target }) => onChange({ period: periods.find((one) => one === target.value) ?? "any" })}
        className={active(filters.period !== "any")}
      >
        {periods.map((period) => (
          <option key={period} value={period}>
            {t(period === "any" ? "anyTime" : period)}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-pressed={filters.pinned}
        onClick={() => onChange({ pinned: !filters.pinned })}
        className={cn(active(filters.pinned), "flex items-center gap-1.5 px-3 text-sm")}
      >
        <Pin aria-hidden className="size-3.5" /> {t("pinned")}
      </button>
      {filters.period === "custom" && (
        <div className="flex w-full flex-wrap gap-2">
          {(["from", "to"] as const).map((name) => (
            <label key={name} className="flex items-center gap-2 text-muted-foreground text-sm">
              {t(name)}
              <input
                type="date"
                value={filters[name]}
                onChange={({ target }) => onChange({ [name]: target.value })}
                className={cn(control, "text-foreground")}
              />
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
