import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connect } from "#db/client.ts";
import { env } from "#lib/core/env.ts";

type JournalEntry = { tag: string; when: number };

/**
 * Takes back the newest migrations by their scripts in drizzle/down, each in a transaction of its own. What the
 * migrations had made is lost with what was kept in it.
 * @param url the database's address
 * @param steps how many migrations to take back at most
 * @returns the names of those taken back, newest first
 */
export async function rollBack(url: string, steps: number): Promise<string[]> {
  const { sql } = connect(url, { max: 1 });
  try {
    const applied = await sql<{ when: number }[]>`
      select created_at::float8 as when from drizzle.__drizzle_migrations order by created_at desc limit ${steps}`;
    const undone: string[] = [];
    for (const { when } of applied) {
      const name = nameOf(when);
      const script = wayBack(name);
      await sql.begin(async (tx) => {
        await tx.unsafe(script);
        await tx`delete from drizzle.__drizzle_migrations where created_at = ${when}`;
      });
      undone.push(name);
    }
    return undone;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function nameOf(when: number): string {
  const journal: { entries: JournalEntry[] } = JSON.parse(readFileSync("drizzle/meta/_journal.json", "utf8"));
  const entry = journal.entries.find((candidate) => candidate.when === when);
  if (entry === undefined)
    throw new Error(`The migration of ${new Date(when).toISOString()} is not one of ours.`);
  return entry.tag;
}

function wayBack(name: string): string {
  const path = `drizzle/down/${name}.sql`;
  if (!existsSync(path)) throw new Error(`${name} has no way back: ${path} is missing.`);
  return readFileSync(path, "utf8");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const undone = await rollBack(env().DATABASE_URL, Number(process.argv[2] ?? 1));
  process.stdout.write(`Taken back: ${undone.join(", ") || "nothing"}.\n`);
}
