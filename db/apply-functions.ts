import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type postgres from "postgres";

type SqlFunction = { name: string; text: string; hash: string };

/**
 * Creates or replaces the SQL functions of db/functions that are new or whose text has changed, in one
 * transaction. The caller holds the migration lock and has applied the migrations. A function whose file was
 * deleted stays in the database until a later migration drops it
 * (docs/decisions/0041-sql-functions-in-files.md).
 * @returns the names of the applied functions
 */
export async function applyFunctions(sql: postgres.Sql): Promise<string[]> {
  return sql.begin(async (tx) => {
    const applied = await tx<{ name: string; hash: string }[]>`select name, hash from applied_functions`;
    const hashes = new Map(applied.map(({ name, hash }) => [name, hash]));
    const functions = readFunctions();
    const changed = functions.filter(({ name, hash }) => hashes.get(name) !== hash);
    // Functions call each other, so they are created without checks first, and again with them.
    for (const checks of ["off", "on"]) {
      await tx`select set_config('check_function_bodies', ${checks}, true)`;
      for (const { text } of changed) await tx.unsafe(text);
    }
    for (const { name, hash } of changed)
      await tx`
        insert into applied_functions (name, hash, applied_at) values (${name}, ${hash}, now())
        on conflict (name) do update set hash = excluded.hash, applied_at = excluded.applied_at`;
    await tx`delete from applied_functions where name <> all(${functions.map(({ name }) => name)})`;
    return changed.map(({ name }) => name);
  });
}

/** Next.js bundles this file elsewhere, so the folder is found from the working directory. */
function readFunctions(): SqlFunction[] {
  const folder = `${process.cwd()}/db/functions`;
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return files.sort().map((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    return { name: file.replace(/\.sql$/, ""), text, hash: createHash("sha256").update(text).digest("hex") };
  });
}
