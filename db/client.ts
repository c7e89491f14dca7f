import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { guardTransactions } from "#db/guard-transactions.ts";
import * as accounts from "#db/schema/accounts.ts";
import * as billing from "#db/schema/billing.ts";
import * as records from "#db/schema/billing-records.ts";
import * as chat from "#db/schema/chat.ts";
import * as signIn from "#db/schema/sign-in.ts";
import * as usage from "#db/schema/usage.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

const schema = { ...accounts, ...signIn, ...usage, ...billing, ...records, ...chat };

export type Db = PostgresJsDatabase<typeof schema>;
/** The database or a transaction; queries take either. */
export type Tx = Db | Parameters<Parameters<Db["transaction"]>[0]>[0];

type Connection = { sql: postgres.Sql; db: Db };
type ConnectOptions = {
  /** The maximum number of connections in the pool. */
  max?: number;
  /**
   * Called with the text of every statement sent: one call is one round trip (BEGIN and COMMIT are not
   * reported).
   */
  onStatement?: (text: string) => void;
};

/** Opens a separate connection pool. The app uses `db()` and `sql()` instead. */
export function connect(url: string, options: ConnectOptions = {}): Connection {
  const sql = postgres(url, {
    max: options.max ?? 20,
    // Long, because a new connection has to plan every statement again.
    idle_timeout: 600,
    connect_timeout: 10,
    onnotice: () => {},
    connection: {
      application_name: "parley",
      TimeZone: "UTC",
      // Statements look rows up by key, so all plans are equal, and planning costs as much as executing.
      plan_cache_mode: "force_generic_plan",
    },
    ...(options.onStatement && {
      debug: (_connection: number, text: string) => options.onStatement?.(text),
    }),
  });
  guardTransactions(sql);
  return { sql, db: drizzle(sql, { schema }) };
}

const current = (): { connection: Connection | undefined } =>
  singleton("database", () => ({ connection: undefined }));

function pool(): Connection {
  const holder = current();
  holder.connection ??= connect(env().DATABASE_URL, { max: env().DATABASE_POOL_SIZE });
  return holder.connection;
}

/** Returns the database of this process, through Drizzle. */
export function db(): Db {
  return pool().db;
}

/** Returns the same pool for statements in SQL. */
export function sql(): postgres.Sql {
  return pool().sql;
}

/** Points this process to another database, for tests. */
export function pointDatabaseAt(connection: Connection): void {
  current().connection = connection;
}

/** Closes the pool after the running statements have finished. */
export async function closeDatabase(): Promise<void> {
  const holder = current();
  await holder.connection?.sql.end({ timeout: 5 });
  holder.connection = undefined;
}
