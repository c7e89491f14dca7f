"use client";

import { Search as SearchIcon, SearchX, X } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useMemo, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";
import { Skeleton } from "#app/_ui/skeleton.tsx";
import { type Hit, toHits } from "#app/(workspace)/search/hits.ts";
import { SearchFilterBar, type SearchModel } from "#app/(workspace)/search/search-filters.tsx";
import {
  isFiltered,
  noFilters,
  parseFilters,
  type SearchFilters,
  searchHref,
} from "#app/(workspace)/search/search-query.ts";
import { type Search, useSearch } from "#app/(workspace)/search/use-search.ts";

const SearchResults = lazy(() => import("#app/(workspace)/search/search-results.tsx"));

/** The longest query that the server reads. */
const maxQueryLength = 200;

/** The search over titles and messages: a field with filters, and results that arrow keys choose. */
export function SearchScreen({ models }: { models: SearchModel[] }) {
  const t = useTranslations("search");
  const [filters, change] = useFilters();
  const search = useSearch(filters);
  const listId = useId();
  const hits = useMemo(
    () => (search.result === null ? [] : toHits(search.result, listId)),
    [search.result, listId],
  );
  // Results of the query before must not be opened by Enter.
  const isCurrent = search.state !== "loading" && search.query === filters.q.trim();
  const { chosen, choose, onKeyDown } = useChoice(hits, isCurrent, () => change({ q: "" }));
  const nameOf = (model: string) => models.find(({ id }) => id === model)?.label ?? model;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: the search element is not in all browsers yet */}
      <div role="search" className="flex flex-col gap-3 pb-2">
        <div className="relative">
          <SearchIcon
            aria-hidden
            className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-3.5 size-4.5 text-muted-foreground"
          />
          <input
            ref={field}
            type="text"
            enterKeyHint="search"
            role="combobox"
            dir="auto"
            aria-label={t("field")}
            aria-expanded={hits.length > 0}
            aria-controls={hits.length > 0 ? listId : undefined}
            aria-activedescendant={chosen?.elementId}
            autoComplete="off"
            maxLength={maxQueryLength}
            placeholder={t("placeholder")}
            value={filters.q}
            onChange={({ target }) => change({ q: target.value })}
            onKeyDown={onKeyDown}
            className="h-12 w-full rounded-xl border border-input bg-background pr-12 pl-11 text-base placeholder:text-muted-foreground"
          />
          {filters.q !== "" && (
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("clear")}
              onClick={() => {
                change({ q: "" });
                field.current?.focus();
              }}
              className="-translate-y-1/2 absolute top-1/2 right-2 text-muted-foreground"
            >
              <X aria-hidden />
            </Button>
          )}
        </div>
        <SearchFilterBar filters={filters} models={models} onChange={change} />
      </div>
      {hits.length > 0 && (
        <Suspense>
          <SearchResults id={listId} hits={hits} chosen={chosen} nameOf={nameOf} onChoose={choose} />
        </Suspense>
      )}
      <Outcome filters={filters} search={search} count={hits.length} onClear={() => change(noFilters)} />
    </>
  );
}

/** The filters, which the URL keeps, so that going back to the page and reloading it show the same. */
function useFilters(): [SearchFilters, (change: Partial<SearchFilters>) => void] {
  const params = useSearchParams();
  const [filters, setFilters] = useState(() => parseFilters(params));
  const href = searchHref(filters);
  useEffect(() => {
    // Browsers limit how often a page may change its URL. It changes before results can be opened.
    const timer = setTimeout(() => {
      if (location.pathname === "/search" && location.pathname + location.search !== href)
        history.replaceState(null, "", href);
    }, 100);
    return () => clearTimeout(timer);
  }, [href]);
  return [filters, (change) => setFilters((current) => ({ ...current, ...change }))];
}

/** The result that Enter opens: the first one, until arrow keys or the pointer choose another one. */
function useChoice(hits: Hit[], isCurrent: boolean, onEscape: () => void) {
  const push = usePush();
  const [choice, setChoice] = useState<Hit | null>(null);
  const index = Math.max(0, choice === null ? 0 : hits.findIndex(({ href }) => href === choice.href));
  const chosen = hits[index];
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") onEscape();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step === undefined ? undefined : hits.at((index + step) % hits.length);
    if (next !== undefined) {
      event.preventDefault();
      setChoice(next);
      document.getElementById(next.elementId)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      if (isCurrent) push(chosen.href);
    }
  };
  return { chosen, choose: setChoice, onKeyDown };
}

type OutcomeProps = { filters: SearchFilters; search: Search; count: number; onClear: () => void };

/** What is below the results: more of them, or why there are none. */
function Outcome({ filters, search, count, onClear }: OutcomeProps) {
  const t = useTranslations("search");
  const { state, result, query } = search;
  const isEmpty = filters.q.trim() === "";
  const hasNothing = !isEmpty && state === "idle" && result !== null && count === 0 && result.next === null;
  const spoken = state === "loading" ? t("searching") : hasNothing ? t("nothing", { query }) : null;
  return (
    <>
      <p role="status" className="sr-only">
        {spoken ?? (count > 0 ? t("count", { count }) : "")}
      </p>
      {isEmpty && <EmptyState icon={<SearchIcon />} title={t("startTitle")} description={t("startText")} />}
      {state === "failed" && (
        <div role="alert" className="flex flex-wrap items-center gap-3 py-6 text-sm">
          {t("failed")}
          <Button variant="outline" size="sm" onClick={search.retry}>
            {t("retry")}
          </Button>
        </div>
      )}
      {state === "loading" && count === 0 && <Placeholders />}
      {hasNothing && (
        <EmptyState
          icon={<SearchX />}
          title={t(isFiltered(filters) ? "nothingFiltered" : "nothing", { query })}
          description={t("nothingText")}
          action={
            isFiltered(filters) && (
              <Button variant="outline" onClick={onClear}>
                {t("clearFilters")}
              </Button>
            )
          }
        />
      )}
      {state !== "failed" && result !== null && result.next !== null && (
        <Button
          variant="outline"
          disabled={state === "loading"}
          onClick={search.loadMore}
          className="self-center"
        >
          {t("more")}
        </Button>
      )}
    </>
  );
}

/** Stand for results while the first ones take longer than a moment. */
function Placeholders() {
  return (
    <div aria-hidden className="flex animate-appear-late flex-col gap-6 pt-6 opacity-0">
      {[0, 1, 2, 3].map((index) => (
        <div key={index} className="flex flex-col gap-2">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-3 w-1/5" />
        </div>
      ))}
    </div>
  );
}
