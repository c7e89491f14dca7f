import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { guardTransactions } from "#db/guard-transactions.ts";
import * as accounts from "#db/schema/accounts.ts";
import * as attachments from "#db/schema/attachments.ts";
import * as billing from "#db/schema/billing.ts";
import * as records from "#db/schema/billing-records.ts";
import * as chat from "#db/schema/chat.ts";
import * as dataExports from "#db/schema/data-exports.ts";
import * as imports from "#db/schema/imports.ts";
import * as models from "#db/schema/models.ts";
import * as search from "#db/schema/search.ts";
import * as sharing from "#db/schema/sharing.ts";
import * as signIn from "#db/schema/sign-in.ts";
import * as usage from "#db/schema/usage.ts";
import { traceStatements } from "#db/trace-statements.ts";
import { env } from "#lib/core/env.ts";
import { isTracing } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";

const schema = {
  ...accounts,
  ...signIn,
  ...usage,
  ...billing,
  ...records,
  ...chat,
  ...attachments,
  ...models,
  ...dataExports,
  ...imports,
  ...search,
  ...sharing,
};

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
  /**
   * Whether a pooler in transaction mode is in between. It accepts few session settings; the role's settings
   * (db/roles.ts) replace them.
   */
  isPooled?: boolean;
  /** False where the pooler does not track prepared statements; each one then takes two round trips. */
  prepare?: boolean;
};

/** Opens a separate connection pool. The app uses `db()` and `sql()` instead. */
export function connect(url: string, options: ConnectOptions = {}): Connection {
  const sql = postgres(url, {
    max: options.max ?? 20,
    prepare: options.prepare ?? true,
    // Long, because a new connection has to plan every statement again.
    idle_timeout: 600,
    connect_timeout: 10,
    onnotice: () => {},
    connection: {
      application_name: "parley",
      TimeZone: "UTC",
      // Statements look rows up by key, so all plans are equal, and planning costs as much as executing.
      ...(options.isPooled !== true && { plan_cache_mode: "force_generic_plan" }),
    },
    ...(options.onStatement && {
      debug: (_connection: number, text: string) => options.onStatement?.(text),
    }),
  });
  guardTransactions(sql);
  const used = isTracing() ? traceStatements(sql) : sql;
  return { sql: used, db: drizzle(used, { schema }) };
}

type Connections = { connection: Connection | undefined; direct: postgres.Sql | undefined };

const current = (): Connections =>
  singleton("database", () => ({ connection: undefined, direct: undefined }));

function pool(): Connection {
  const holder = current();
  if (holder.connection !== undefined) return holder.connection;
  const { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_SIZE, DATABASE_PREPARED_STATEMENTS } = env();
  const isPooled = DATABASE_DIRECT_URL !== undefined;
  const prepare = DATABASE_PREPARED_STATEMENTS === "on";
  holder.connection = connect(DATABASE_URL, { max: DATABASE_POOL_SIZE, isPooled, prepare });
  // Opens a connection when it is used.
  if (isPooled) holder.direct = connect(DATABASE_DIRECT_URL, { max: 1 }).sql;
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

/** Returns the database for LISTEN, which needs a session: past the pooler, if there is one. */
export function listenerSql(): postgres.Sql {
  const { sql } = pool();
  return current().direct ?? sql;
}

/** Points this process to another database, for tests. */
export function pointDatabaseAt(connection: Connection): void {
  Object.assign(current(), { connection, direct: undefined });
}

/** Closes the pool after the running statements have finished. */
export async function closeDatabase(): Promise<void> {
  const holder = current();
  await Promise.all([holder.connection?.sql.end({ timeout: 5 }), holder.direct?.end({ timeout: 5 })]);
  holder.connection = undefined;
  holder.direct = undefined;
}
