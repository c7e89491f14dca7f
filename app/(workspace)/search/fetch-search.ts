import type { SearchResult } from "#lib/chat/search/search-result.ts";

/**
 * Requests a page of results. Aborting the signal drops the response.
 * @throws Error if the server cannot be reached or refuses
 */
export async function fetchSearch(params: URLSearchParams, signal: AbortSignal): Promise<SearchResult> {
  const response = await fetch(`/api/search?${params}`, { signal });
  if (!response.ok) throw new Error(`The search responded with ${response.status}.`);
  // The route's own type; tests compare its responses with the schema, which the browser does not load.
  return (await response.json()) as SearchResult;
}
