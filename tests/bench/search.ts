import { exit, stdout } from "node:process";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { createUser } from "#lib/accounts/users.ts";
import { indexChanges } from "#lib/chat/search/index-changes.ts";
import { searchChats } from "#lib/chat/search/search-chats.ts";
import type { SearchRequest } from "#lib/chat/search/search-request.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { fillConversations, type Owner, wordOfRank } from "#tests/bench/search-corpus.ts";

/**
 * Measures the search over 100,000 messages of one user in 10,000 conversations of two years, beside another
 * user's, by kinds of queries: median, 95th percentile and maximum of the whole module function. Fails when a
 * 95th percentile is 100 ms or more.
 */
const conversationCount = 10_000;
const messagesPerConversation = 10;
const runs = 60;
const barMs = 100;

const server = await startPostgres({ ephemeral: true });
await prepareDatabase(server.url, server.appUrl);
const connection = connect(server.appUrl, { max: 10 });
pointDatabaseAt(connection);
try {
  await main();
} finally {
  await connection.sql.end({ timeout: 5 });
  await server.stop();
}

async function main(): Promise<void> {
  const [owner, other] = [await addOwner("one"), await addOwner("two")];
  const at = new Date();
  await fillConversations(connection.sql, owner, conversationCount, messagesPerConversation, at);
  await fillConversations(connection.sql, other, 500, messagesPerConversation, at);
  const startedAt = performance.now();
  const indexed = await indexChanges();
  const seconds = (performance.now() - startedAt) / 1_000;
  print(`${indexed} messages indexed in ${seconds.toFixed(0)} s (${Math.round(indexed / seconds)} a second)`);
  const [size] = await connection.sql<{ total: string; content: string }[]>`
    select pg_size_pretty(pg_total_relation_size('search_messages')) as total,
      pg_size_pretty(pg_total_relation_size('messages')) as content`;
  print(`index ${size?.total ?? "?"}, messages ${size?.content ?? "?"}`);

  let failed = false;
  for (const [name, toRequest] of Object.entries(kinds(at))) {
    const times: number[] = [];
    let found = 0;
    for (let run = 0; run < runs; run += 1) {
      const from = performance.now();
      const { titles, messages } = await searchChats(connection.db, owner, toRequest(run), at);
      times.push(performance.now() - from);
      found += titles.length + messages.length;
    }
    const [p50, p95, max] = [0.5, 0.95, 1].map((share) => percentile(times, share));
    failed ||= (p95 ?? 0) >= barMs;
    const numbers = [p50, p95, max].map((ms) => (ms ?? 0).toFixed(1).padStart(7)).join("");
    print(`${name.padEnd(42)}${numbers} ms   ${(found / runs).toFixed(1)} results`);
  }
  print(`p50, p95 and maximum of ${runs} searches each; the limit of p95 is ${barMs} ms`);
  if (failed) exit(1);
}

/** Kinds of queries; each run has other words. */
function kinds(at: Date): Record<string, (run: number) => SearchRequest> {
  const days = (count: number) => new Date(at.getTime() - count * 86_400_000).toISOString();
  return {
    "word in most messages": (run) => ({ q: wordOfRank(run % 5) }),
    "two words in most messages": (run) => ({ q: `${wordOfRank(run % 5)} ${wordOfRank(5 + (run % 5))}` }),
    "one letter": (run) => ({ q: "bdfgklmnpr"[run % 10] ?? "b" }),
    "two letters": (run) => ({ q: wordOfRank(run * 7).slice(0, 2) }),
    "word in one of 100 messages": (run) => ({ q: wordOfRank(300 + run) }),
    "rare word": (run) => ({ q: wordOfRank(15_000 + run * 13) }),
    "word that is nowhere": (run) => ({ q: `zzz${run}` }),
    "rare and frequent word": (run) => ({ q: `${wordOfRank(12_000 + run)} ${wordOfRank(run % 5)}` }),
    "two frequent words as a phrase": (run) => ({ q: `"${wordOfRank(run % 9)} ${wordOfRank(3)}"` }),
    "Chinese, two letters": (run) => ({ q: `天气${"很今明".charAt(run % 3)}` }),
    "Chinese, a whole sentence": () => ({ q: "今天天气很好明天也是晴天吗" }),
    identifier: (run) => ({ q: `get_${wordOfRank(run)}` }),
    "frequent word, one model": (run) => ({ q: wordOfRank(run % 5), model: "model-rare" }),
    "frequent word, only pinned": (run) => ({ q: wordOfRank(run % 5), pinned: "1" }),
    "frequent word, a week two years ago": (run) => ({
      q: wordOfRank(run % 5),
      from: days(700),
      to: days(693),
    }),
    "frequent word, a later page": (run) => ({
      q: wordOfRank(run % 5),
      after: { at: new Date(days(run * 10)), id: "00000000-0000-7000-8000-000000000000" },
    }),
    "twelve words": (run) => ({
      q: Array.from({ length: 12 }, (_, index) => wordOfRank(run + index)).join(" "),
    }),
  };
}

async function addOwner(name: string): Promise<Owner> {
  const user = await createUser(
    connection.db,
    { email: `${name}@parley.example`, name, emailVerifiedAt: new Date() },
    new Date(),
  );
  if (user === null) throw new Error("The address is taken.");
  return { workspaceId: user.workspaceId, userId: user.userId };
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function print(line: string): void {
  stdout.write(`${line}\n`);
}
