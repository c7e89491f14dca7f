import { useCallback, useEffect, useRef, useState } from "react";
import { fetchSearch } from "#app/(workspace)/search/fetch-search.ts";
import { type SearchFilters, toRequest } from "#app/(workspace)/search/search-query.ts";
import type { SearchResult } from "#lib/chat/search/search-result.ts";

const debounceMs = 120;

export type Search = {
  /** The results of `key`, also while other ones are being loaded; null before the first ones. */
  result: SearchResult | null;
  /** The query of the result. */
  query: string;
  state: "idle" | "loading" | "failed";
  loadMore: () => void;
  retry: () => void;
};

/** The last results of this tab, so that going back shows them at once. */
let last: { key: string; query: string; result: SearchResult } | null = null;

/**
 * Searches when query or filters change. Only the response to the newest request counts; an older one is
 * aborted.
 */
export function useSearch(filters: SearchFilters): Search {
  const query = filters.q.trim();
  const key = JSON.stringify({ ...filters, q: query });
  const [shown, setShown] = useState(() => (last?.key === key ? last : null));
  const [state, setState] = useState<Search["state"]>("idle");
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(filters);
  latest.current = filters;
  const shownKey = useRef(shown?.key);
  const request = useRef<AbortController | null>(null);

  const show = useCallback((next: typeof shown) => {
    last = next;
    shownKey.current = next?.key;
    setShown(next);
    setState("idle");
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry searches for the same again
  useEffect(() => {
    if (query === "") return show(null);
    if (shownKey.current === key) return setState("idle");
    const controller = new AbortController();
    request.current?.abort();
    request.current = controller;
    setState("loading");
    const timer = setTimeout(async () => {
      try {
        const result = await fetchSearch(toRequest(latest.current, Date.now()), controller.signal);
        if (!controller.signal.aborted) show({ key, query, result });
      } catch {
        if (!controller.signal.aborted) setState("failed");
      }
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, query, attempt, show]);

  const loadMore = useCallback(async () => {
    if (shown?.result.next == null) return;
    const controller = new AbortController();
    request.current?.abort();
    request.current = controller;
    setState("loading");
    try {
      const params = toRequest(latest.current, Date.now());
      params.set("after", shown.result.next);
      const { messages, next } = await fetchSearch(params, controller.signal);
      if (controller.signal.aborted) return;
      show({
        ...shown,
        result: { ...shown.result, messages: [...shown.result.messages, ...messages], next },
      });
    } catch {
      if (!controller.signal.aborted) setState("failed");
    }
  }, [shown, show]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { result: shown?.result ?? null, query: shown?.query ?? "", state, loadMore, retry };
}
