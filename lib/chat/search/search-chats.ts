import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { findMatches } from "#lib/chat/search/find-matches.ts";
import { foldShortText } from "#lib/chat/search/fold-text.ts";
import { parseQuery, type SearchQuery } from "#lib/chat/search/parse-query.ts";
import { isVisible, isWithin, type SearchOwner } from "#lib/chat/search/search-filters.ts";
import { searchMessages } from "#lib/chat/search/search-messages.ts";
import type { SearchRequest } from "#lib/chat/search/search-request.ts";
import type { SearchResult, TitleHit } from "#lib/chat/search/search-result.ts";
import { titleScope, toTsquery } from "#lib/chat/search/search-scope.ts";
import { markAll } from "#lib/chat/search/snippet.ts";

/** Titles of the first page. */
const maxTitles = 8;
/** Titles that are compared with the query. */
const maxTitleCandidates = 60;

/**
 * Searches the titles and messages of a user's conversations, newest first, without deleted conversations and
 * without the thinking of models. The work is bounded for every query (`searchMessages`).
 * @returns an empty page for a query without letters, digits and emoji
 */
export async function searchChats(
  tx: Tx,
  owner: SearchOwner,
  request: SearchRequest,
  at: Date,
): Promise<SearchResult> {
  const query = parseQuery(request.q);
  if (query === null) return { titles: [], messages: [], next: null };
  const [titles, page] = await Promise.all([
    request.after === undefined ? searchTitles(tx, owner, query, request) : [],
    searchMessages(tx, owner, query, request, at),
  ]);
  return { titles, ...page };
}

async function searchTitles(
  tx: Tx,
  owner: SearchOwner,
  query: SearchQuery,
  request: SearchRequest,
): Promise<TitleHit[]> {
  const tsquery = toTsquery([titleScope(owner.userId)], query.terms);
  const rows = await tx.execute<Omit<TitleHit, "title"> & { title: string }>(sql`
    select c.id as "conversationId", c.title, c.model, c.updated_at as at, c.pinned_at is not null as "isPinned",
      c.archived_at is not null as "isArchived", p.name as project
    from (select conversation_id from search_titles where terms @@ ${tsquery}::tsquery offset 0) e
    cross join lateral (select * from conversations where id = e.conversation_id offset 0) c
    left join projects p on p.id = c.project_id
    where ${isVisible(owner, request)} and ${isWithin(sql`c.updated_at`, sql`c.model`, request)}
    order by c.updated_at desc, c.id desc limit ${maxTitleCandidates}`);
  const hits: TitleHit[] = [];
  for (const { title, at, ...row } of rows) {
    const folded = foldShortText(title);
    const matches = findMatches(folded.folded, query, { anywhere: true });
    // The title has changed since it was indexed.
    if (matches === null) continue;
    hits.push({ ...row, at: new Date(at).toISOString(), title: markAll(folded, matches) });
    if (hits.length === maxTitles) break;
  }
  return hits;
}
