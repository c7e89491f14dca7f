import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connect } from "#db/client.ts";
import { databaseUrls } from "#lib/core/env.ts";

type JournalEntry = { tag: string; when: number };

/**
 * Rolls back the newest migrations by their scripts in drizzle/down, each in its own transaction. Data in the
 * tables and columns that they had added is lost. The next `migrate` applies all SQL functions of
 * db/functions again.
 * @param url the database's connection string
 * @param steps how many migrations to roll back at most
 * @returns the names of the migrations that were rolled back, newest first
 */
export async function rollBack(url: string, steps: number): Promise<string[]> {
  const { sql } = connect(url, { max: 1 });
  try {
    const applied = await sql<{ when: number }[]>`
      select created_at::float8 as when from drizzle.__drizzle_migrations order by created_at desc limit ${steps}`;
    const names: string[] = [];
    for (const { when } of applied) {
      const name = migrationName(when);
      const script = readDownScript(name);
      await sql.begin(async (tx) => {
        await tx.unsafe(script);
        await tx`delete from drizzle.__drizzle_migrations where created_at = ${when}`;
        const [table] = await tx`select to_regclass('applied_functions') is not null as exists`;
        if (table?.exists === true) await tx`delete from applied_functions`;
      });
      names.push(name);
    }
    return names;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function migrationName(when: number): string {
  const journal: { entries: JournalEntry[] } = JSON.parse(readFileSync("drizzle/meta/_journal.json", "utf8"));
  const entry = journal.entries.find((candidate) => candidate.when === when);
  if (entry === undefined)
    throw new Error(`The migration of ${new Date(when).toISOString()} is not in the journal.`);
  return entry.tag;
}

function readDownScript(name: string): string {
  const path = `drizzle/down/${name}.sql`;
  if (!existsSync(path)) throw new Error(`The migration ${name} has no down script: ${path} is missing.`);
  return readFileSync(path, "utf8");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = await rollBack(databaseUrls().migration, Number(process.argv[2] ?? 1));
  process.stdout.write(`Rolled back: ${names.join(", ") || "nothing"}.\n`);
}
