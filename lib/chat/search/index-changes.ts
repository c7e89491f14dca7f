import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { foldShortText, foldText } from "#lib/chat/search/fold-text.ts";
import { messageScope, quarterOf, titleScope } from "#lib/chat/search/search-scope.ts";
import { termsOf, titleTermsOf } from "#lib/chat/search/search-terms.ts";
import { runInTimeSlices } from "#lib/core/time-slices.ts";

/**
 * The version of the rules for terms and scopes. After a change everything is indexed again, and processes of
 * the previous release stop writing.
 */
const rules = 1;
const conversationsPerBatch = 100;
/** Limits of one statement. */
const messagesPerBatch = 100;
/** Messages that are looked up at once. */
const maxStale = 5_000;
const bytesPerBatch = 4_000_000;
/** The terms of a message, in bytes; PostgreSQL's limit of a tsvector is 1 MB. */
const maxTermBytes = 900_000;

type Position = { changedIn: number; id: string };
type Changed = Position & {
  userId: string;
  title: string;
  isDeleted: boolean;
  isSettled: boolean;
  isFuture: boolean;
};

const beginning: Position = { changedIn: -1, id: "00000000-0000-0000-0000-000000000000" };

/**
 * Indexes what has changed since the last call: new and renamed conversations and their new messages. Nothing
 * is written for it in requests: the position is a place in the order of `conversations.changed_in`, which a
 * trigger maintains for the list (docs/decisions/0104-the-search-index-follows-the-list.md). Repeating it, or
 * running it twice at once, changes nothing; after a crash it goes on at the last settled position.
 * @param signal ends it after the current statement; the rest is indexed by the next call
 * @returns how many messages were indexed
 */
export async function indexChanges(signal?: AbortSignal): Promise<number> {
  let position = await readPosition();
  let indexed = 0;
  while (position !== null) {
    const batch = await readChanged(position);
    const last = batch.at(-1);
    if (last === undefined) break;
    await moveFromFuture(batch.filter(({ isFuture }) => isFuture).map(({ id }) => id));
    const present = batch.filter(({ isDeleted, isFuture }) => !isDeleted && !isFuture);
    await indexTitles(present);
    indexed += await indexMessages(present, signal);
    if (signal?.aborted) break;
    const settled = batch.findLast(({ isSettled }) => isSettled);
    if (settled !== undefined) await savePosition(settled);
    position = last;
  }
  return indexed;
}

/**
 * Where the index continues; null when a newer release writes it. Starts from the beginning with new rules,
 * and when the position is after the database's newest transaction, which a restored backup explains.
 */
async function readPosition(): Promise<Position | null> {
  const [row] = await db().execute<{ rules: number; changedIn: string; id: string; isFuture: boolean }>(sql`
    select rules, changed_in as "changedIn", conversation_id as id,
      changed_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint as "isFuture"
    from search_progress`);
  if (row !== undefined && row.rules > rules) return null;
  if (row?.rules === rules && !row.isFuture) return { changedIn: Number(row.changedIn), id: row.id };
  await db().execute(sql`
    insert into search_progress (rules, changed_in, conversation_id)
    values (${rules}, ${beginning.changedIn}, ${beginning.id}::uuid)
    on conflict (id) do update set rules = excluded.rules, changed_in = excluded.changed_in,
      conversation_id = excluded.conversation_id
    where search_progress.rules <= excluded.rules`);
  return beginning;
}

async function savePosition({ changedIn, id }: Position): Promise<void> {
  await db().execute(sql`
    update search_progress set changed_in = ${changedIn}, conversation_id = ${id}::uuid
    where rules = ${rules} and (changed_in, conversation_id) < (${changedIn}::bigint, ${id}::uuid)`);
}

/**
 * The next conversations. Those of transactions that may still be running settle later, and are read again.
 */
async function readChanged({ changedIn, id }: Position): Promise<Changed[]> {
  const rows = await db().execute<Changed & { changedIn: string }>(sql`
    select c.id, c.changed_in as "changedIn", c.user_id as "userId", c.title, c.deleted_at is not null as "isDeleted",
      c.changed_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "isSettled",
      c.changed_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint as "isFuture"
    from conversations c where (c.changed_in, c.id) > (${changedIn}::bigint, ${id}::uuid)
    order by c.changed_in, c.id limit ${conversationsPerBatch}`);
  return rows.map((row) => ({ ...row, changedIn: Number(row.changedIn) }));
}

/**
 * Lets the trigger number conversations anew whose numbers are those of the database of a restored backup.
 */
async function moveFromFuture(ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await db().execute(sql`update conversations set changed_in = 0 where id = any (${toArray(ids)}::uuid[])`);
}

async function indexTitles(changed: Changed[]): Promise<void> {
  if (changed.length === 0) return;
  const terms = changed.map(({ title, userId }) =>
    toLexemes(titleScope(userId), titleTermsOf(foldShortText(title).folded)),
  );
  await db().execute(sql`
    insert into search_titles (conversation_id, terms)
    select c.id, array_to_tsvector(string_to_array(title.terms, ' '))
    from unnest(${toArray(changed.map(({ id }) => id))}::uuid[], ${toArray(terms)}::text[]) as title (id, terms)
    join conversations c on c.id = title.id
    on conflict (conversation_id) do update set terms = excluded.terms
    where search_titles.terms is distinct from excluded.terms`);
}

type StaleMessage = { id: string; bytes: number };

/** Indexes the complete messages of conversations that are not indexed, or have changed since then. */
async function indexMessages(changed: Changed[], signal: AbortSignal | undefined): Promise<number> {
  const userOf = new Map(changed.map(({ id, userId }) => [id, userId]));
  let indexed = 0;
  for (;;) {
    const stale = await readStale([...userOf.keys()]);
    for (let start = 0; start < stale.length && !signal?.aborted; ) {
      const batch = takeBatch(stale, start);
      const ids = batch.map(({ id }) => id);
      await indexBatch(ids, userOf);
      start += batch.length;
    }
    indexed += stale.length;
    if (stale.length < maxStale || signal?.aborted) return indexed;
  }
}

async function readStale(conversationIds: string[]): Promise<StaleMessage[]> {
  if (conversationIds.length === 0) return [];
  return db().execute<StaleMessage>(sql`
    select m.id, octet_length(m.content) as bytes
    from messages m left join search_messages e on e.message_id = m.id
    where m.conversation_id = any (${toArray(conversationIds)}::uuid[]) and m.status <> 'streaming'
      and (e.message_id is null or e.rules <> ${rules} or e.row_version <> m.xmin::text::bigint)
    limit ${maxStale}`);
}

/** At least one message, and as many as the limits of a statement allow. */
function takeBatch(stale: StaleMessage[], start: number): StaleMessage[] {
  let [end, bytes] = [start, 0];
  for (; end < stale.length && end < start + messagesPerBatch; end += 1) {
    bytes += stale[end]?.bytes ?? 0;
    if (bytes > bytesPerBatch && end > start) break;
  }
  return stale.slice(start, end);
}

async function indexBatch(ids: string[], userOf: Map<string, string>): Promise<void> {
  const rows = await db().execute<{
    id: string;
    conversationId: string;
    createdAt: string;
    model: string | null;
    rowVersion: string;
    content: string;
  }>(sql`
    select id, conversation_id as "conversationId", created_at as "createdAt", model, xmin::text as "rowVersion", content
    from messages where id = any (${toArray(ids)}::uuid[])`);
  const entries: object[] = [];
  for (const { content, ...row } of rows) {
    const scope = messageScope(userOf.get(row.conversationId) ?? "", quarterOf(new Date(row.createdAt)));
    entries.push({ ...row, terms: toLexemes(scope, await runInTimeSlices(messageTerms(content))) });
  }
  // A message that was deleted meanwhile is left out.
  await db().execute(sql`
    insert into search_messages (message_id, conversation_id, created_at, model, row_version, rules, terms)
    select m.id, m.conversation_id, m.created_at, e.model, e."rowVersion", ${rules},
      array_to_tsvector(string_to_array(e.terms, ' '))
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as e (id uuid, model text, "rowVersion" bigint, terms text)
    join messages m on m.id = e.id
    on conflict (message_id) do update set model = excluded.model, row_version = excluded.row_version,
      rules = excluded.rules, terms = excluded.terms`);
}

function* messageTerms(content: string): Generator<void, Set<string>> {
  const { folded } = yield* foldText(content);
  return yield* termsOf(folded, maxTermBytes);
}

function toLexemes(scope: string, terms: Set<string>): string {
  return [...terms].map((term) => scope + term).join(" ");
}

/** An array's literal of texts without quotes. */
function toArray(texts: string[]): string {
  return `{${texts.map((text) => `"${text}"`).join(",")}}`;
}
