import { readFile } from "node:fs/promises";
import type postgres from "postgres";
import { sql } from "#db/client.ts";
import { log } from "#lib/core/log.ts";
import { workerName } from "#lib/core/queue.ts";

type Part = "ok" | string;
export type Readiness = { ready: boolean; database: Part; migrations: Part; worker: Part };

const timeoutMs = 3_000;

/** Checks that the database responds, that all migrations are applied, and that a worker is alive. */
export async function readReadiness(): Promise<Readiness> {
  try {
    const [migrations, worker] = await withTimeout(
      timeoutMs,
      Promise.all([readMigrations(sql()), readWorker(sql())]),
    );
    return { ready: migrations === "ok" && worker === "ok", database: "ok", migrations, worker };
  } catch (error) {
    log.warn({ err: error }, "The readiness check could not reach the database");
    return { ready: false, database: "unreachable", migrations: "unknown", worker: "unknown" };
  }
}

/** Returns "ok", or how many migrations of this release are not applied. */
export async function readMigrations(database: postgres.Sql): Promise<Part> {
  const journal = await readJournal();
  const [table] = await database`select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
  if (table?.present !== true) return "none is applied";
  const [row] = await database`select max(created_at)::float8 as newest from drizzle.__drizzle_migrations`;
  const missing = journal.entries.filter((entry) => entry.when > Number(row?.newest ?? 0)).length;
  return missing === 0 ? "ok" : `${missing} not applied`;
}

async function readJournal(): Promise<{ entries: { when: number }[] }> {
  return JSON.parse(await readFile(`${process.cwd()}/drizzle/meta/_journal.json`, "utf8"));
}

/** Workers send a heartbeat every 30 seconds; three missed heartbeats mean that the worker is dead. */
async function readWorker(database: postgres.Sql): Promise<Part> {
  const [table] = await database`select to_regclass('pgboss.instance') is not null as present`;
  if (table?.present !== true) return "no queue is installed";
  const [row] = await database`
    select count(*)::int as alive from pgboss.instance
    where name = ${workerName} and stopped_on is null and heartbeat_on > now() - interval '90 seconds'`;
  return Number(row?.alive) > 0 ? "ok" : "none is alive";
}

async function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Timeout after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
