import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { findMatches } from "#lib/chat/search/find-matches.ts";
import { foldText } from "#lib/chat/search/fold-text.ts";
import type { SearchQuery } from "#lib/chat/search/parse-query.ts";
import { isVisible, isWithin, type SearchOwner } from "#lib/chat/search/search-filters.ts";
import { formatPosition, type SearchPosition, type SearchRequest } from "#lib/chat/search/search-request.ts";
import type { MessageHit, SearchResult } from "#lib/chat/search/search-result.ts";
import { messageScope, quarterOf, toTsquery } from "#lib/chat/search/search-scope.ts";
import { cutSnippet, type MarkedText } from "#lib/chat/search/snippet.ts";
import { runInTimeSlices } from "#lib/core/time-slices.ts";

/** Messages of a page. */
const pageSize = 20;
/** Messages of one conversation on a page, so that others are seen. */
const maxPerConversation = 3;
/** What one page compares with the query: messages that the index finds, and their characters. */
const maxCandidates = 300;
const maxCharacters = 1_500_000;
const candidatesPerRead = 40;
/** Longer texts are read one by one, in bytes. */
const maxReadBytes = 50_000;

/** A message that the index finds; its text is null if it is long. */
type Candidate = Omit<MessageHit, "snippet"> & { content: string | null };

/**
 * Finds a page of messages that have all parts of a query, newest first. The index is read by quarters, from
 * the newest, until the page is full, so that a frequent word costs no more than its newest messages. What
 * the index finds is compared with the text. A page ends early when it has compared enough.
 */
export async function searchMessages(
  tx: Tx,
  owner: SearchOwner,
  query: SearchQuery,
  request: SearchRequest,
  at: Date,
): Promise<Pick<SearchResult, "messages" | "next">> {
  const messages: MessageHit[] = [];
  const perConversation = new Map<string, number>();
  let position = request.after;
  let [compared, characters] = [0, 0];
  for (const quarters of quartersOf(request, at)) {
    for (;;) {
      const candidates = await findCandidates(tx, owner, query, request, quarters, position);
      for (const { content, ...candidate } of candidates) {
        position = { at: new Date(candidate.at), id: candidate.messageId };
        compared += 1;
        const count = perConversation.get(candidate.conversationId) ?? 0;
        if (count === maxPerConversation) continue;
        const text = content ?? (await readContent(tx, candidate.messageId));
        characters += text.length;
        const snippet = await runInTimeSlices(compare(text, query));
        if (snippet !== null) {
          messages.push({ ...candidate, at: position.at.toISOString(), snippet });
          perConversation.set(candidate.conversationId, count + 1);
        }
        if (messages.length === pageSize || compared >= maxCandidates || characters >= maxCharacters)
          return { messages, next: formatPosition(position) };
      }
      if (candidates.length < candidatesPerRead) break;
    }
  }
  return { messages, next: null };
}

/** The quarters in which a search may find something, from the newest, in growing groups. */
function* quartersOf({ from, to, after }: SearchRequest, at: Date): Generator<number[]> {
  // A clock that is ahead may have written a message of the next quarter.
  let newest = quarterOf(at) + 1;
  if (to !== undefined) newest = Math.min(newest, quarterOf(new Date(to)));
  if (after !== undefined) newest = Math.min(newest, quarterOf(after.at));
  const oldest = from === undefined ? 0 : quarterOf(new Date(from));
  for (let size = 2; newest >= oldest; size *= 4) {
    const length = Math.min(size, newest - oldest + 1);
    const last = newest;
    yield Array.from({ length }, (_, index) => last - index);
    newest -= length;
  }
}

/**
 * Plans are generic and estimate an average user. The order of the joins is therefore fixed ("offset 0"): the
 * index once, its newest matches first, and each conversation by its key until enough are found.
 */
async function findCandidates(
  tx: Tx,
  owner: SearchOwner,
  query: SearchQuery,
  request: SearchRequest,
  quarters: number[],
  after: SearchPosition | undefined,
): Promise<Candidate[]> {
  const scopes = quarters.map((quarter) => messageScope(owner.userId, quarter));
  const isAfter =
    after === undefined
      ? sql``
      : sql`and (e.created_at, e.message_id) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`;
  return tx.execute<Candidate>(sql`
    select m.id as "messageId", m.role, e.created_at as at, e.conversation_id as "conversationId", e.title, e.model,
      e."isPinned", e."isArchived", p.name as project,
      case when octet_length(m.content) <= ${maxReadBytes} then m.content end as content
    from (
      select e.message_id, e.conversation_id, e.created_at, coalesce(e.model, c.model) as model, c.title, c.project_id,
        c.pinned_at is not null as "isPinned", c.archived_at is not null as "isArchived"
      from (
        select message_id, conversation_id, created_at, model from search_messages
        where terms @@ ${toTsquery(scopes, query.terms)}::tsquery order by created_at desc, message_id desc offset 0
      ) e
      cross join lateral (select * from conversations where id = e.conversation_id offset 0) c
      where ${isVisible(owner, request)} and ${isWithin(sql`e.created_at`, sql`coalesce(e.model, c.model)`, request)}
        ${isAfter}
      order by e.created_at desc, e.message_id desc limit ${candidatesPerRead}
    ) e
    cross join lateral (select id, role, content from messages where id = e.message_id offset 0) m
    left join projects p on p.id = e.project_id
    order by e.created_at desc, e.message_id desc`);
}

/** @param id of a message that `findCandidates` has returned, whose owner was compared there */
async function readContent(tx: Tx, id: string): Promise<string> {
  const [row] = await tx.execute<{ content: string }>(
    sql`select content from messages where id = ${id}::uuid`,
  );
  return row?.content ?? "";
}

function* compare(content: string, query: SearchQuery): Generator<void, MarkedText | null> {
  const text = yield* foldText(content);
  const matches = findMatches(text.folded, query);
  return matches === null ? null : cutSnippet(text, matches);
}
