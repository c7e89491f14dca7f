import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { type Db as Executor, fromDrizzle, PgBoss, type QueueOptions, type QueuePolicy } from "pg-boss";
import type { z } from "zod";
import { newId } from "#lib/core/ids.ts";
import { currentSpan } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";

/** The payload of each job by its name. The table in lib/jobs/jobs.ts declares the members. */
// biome-ignore lint/suspicious/noEmptyInterface: lib/jobs/jobs.ts adds the members by declaration merging.
export interface JobPayloads {}
export type JobName = keyof JobPayloads & string;

export type RetryPolicy = QueueOptions & { policy: QueuePolicy };

/** What the queue must know of a job. */
export type JobDefinition<S extends z.ZodType = z.ZodType> = { schema: S; retry: RetryPolicy };
type JobDefinitions = Record<string, JobDefinition>;

/** The PostgreSQL schema of pg-boss. */
export const queueSchema = "pgboss";
/** The name under which workers register with pg-boss; the readiness check looks for it. */
export const workerName = "parley-worker";
/** Jobs that used up their attempts are moved here, with their payload, until an operator handles them. */
export const deadLetterQueue = "dead";

/** A transaction or pool of Drizzle or postgres.js. */
export type QueueTx =
  | { execute(query: ReturnType<typeof sql>): PromiseLike<unknown> }
  // The parameters' type is the driver's own; only text and numbers are passed.
  | {
      unsafe(text: string, values?: never[], options?: { prepare: boolean }): PromiseLike<readonly unknown[]>;
    };

type EnqueueOptions = {
  /**
   * While a job with this key waits, no other job with the key is written. Without a key, every call writes a
   * job.
   */
  uniqueKey?: string;
  /** Earliest start: a moment, or seconds from now. */
  startAfter?: Date | number;
  /** At most one job with this key per this many seconds, even after the first one has ended. */
  everySeconds?: number;
};

const registered = () => singleton("queue.jobs", () => ({ jobs: {} as JobDefinitions }));

/** From now on, `enqueue` validates payloads against the schemas of these jobs. */
export function registerJobs(jobs: JobDefinitions): void {
  registered().jobs = jobs;
}

function validate(job: string, data: object): object {
  const schema = registered().jobs[job]?.schema;
  // Every job's schema describes an object.
  return schema === undefined ? data : (schema.parse(data) as object);
}

/**
 * Adds the trace of the request or job that causes a job to its payload, from which the worker continues it.
 * The jobs' schemas drop the field again.
 */
function addTrace(data: object, traceparent = currentSpan()?.traceparent): object {
  return traceparent === undefined ? data : { ...data, traceparent };
}

/** The trace that `addTrace` has written into the payload of a job. */
export function traceparentOf(payload: unknown): string | undefined {
  if (typeof payload !== "object" || payload === null || !("traceparent" in payload)) return undefined;
  return typeof payload.traceparent === "string" ? payload.traceparent : undefined;
}

/**
 * Writes a job in the caller's transaction: the job runs only if the transaction commits.
 * @returns whether a row was written; false if a job with the same key is already waiting
 * @throws ZodError if the payload is invalid
 */
export async function enqueue<N extends JobName>(
  tx: QueueTx,
  job: N,
  data: JobPayloads[N] & object,
  options: EnqueueOptions = {},
): Promise<boolean> {
  const db = toExecutor(tx);
  const id = await currentExecutor().run(db, () =>
    sender().send(job, addTrace(validate(job, data)), {
      db,
      singletonKey: options.uniqueKey ?? newId(),
      ...(options.startAfter !== undefined && { startAfter: options.startAfter }),
      ...(options.everySeconds !== undefined && { singletonSeconds: options.everySeconds }),
    }),
  );
  return id !== null;
}

/**
 * Writes many jobs with the same name in the caller's transaction, in one statement.
 * @param jobs payloads with their unique keys, and the trace of each if it is not the current one
 * @throws ZodError if a payload is invalid
 */
export async function enqueueAll<N extends JobName>(
  tx: QueueTx,
  job: N,
  jobs: { data: JobPayloads[N] & object; uniqueKey: string; traceparent?: string | undefined }[],
): Promise<void> {
  if (jobs.length === 0) return;
  const db = toExecutor(tx);
  const rows = jobs.map(({ data, uniqueKey, traceparent }) => ({
    data: addTrace(validate(job, data), traceparent),
    singletonKey: uniqueKey,
  }));
  await currentExecutor().run(db, () => sender().insert(job, rows, { db }));
}

function toExecutor(tx: QueueTx): Executor {
  if ("execute" in tx) {
    return fromDrizzle({ execute: async (query) => (await tx.execute(query as never)) as never[] }, sql);
  }
  // pg-boss uses few statements, all of them long, so they are prepared: one round trip, planned once.
  const options = { prepare: true };
  return {
    executeSql: async (text, values) => ({ rows: [...(await tx.unsafe(text, values as never[], options))] }),
  };
}

const currentExecutor = () => singleton("queue.executor", () => new AsyncLocalStorage<Executor>());

/**
 * A pg-boss instance that only writes rows: it is never started and owns no connection. Its own reads (a
 * queue's settings, once per process) use the transaction of the current call.
 */
function sender(): PgBoss {
  return singleton("queue.sender", () => {
    const executeSql: Executor["executeSql"] = (text, values) => {
      const executor = currentExecutor().getStore();
      if (executor === undefined) throw new Error("The queue was used outside of enqueue().");
      return executor.executeSql(text, values);
    };
    return new PgBoss({ db: { executeSql }, schema: queueSchema });
  });
}

/**
 * Creates the queue's tables and one queue per job, and updates the options of existing queues. Safe to run
 * concurrently and repeatedly.
 * @param connectionString the database's URL
 */
export async function installQueues(connectionString: string, jobs: JobDefinitions): Promise<void> {
  const boss = new PgBoss({
    connectionString,
    schema: queueSchema,
    max: 2,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  await boss.start();
  try {
    const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
    if (!existing.has(deadLetterQueue))
      await boss.createQueue(deadLetterQueue, { retentionSeconds: 90 * 86_400 });
    for (const [name, { retry }] of Object.entries(jobs)) {
      const { policy, ...options } = { ...retry, deadLetter: deadLetterQueue, notify: true };
      if (existing.has(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { policy, ...options });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}
