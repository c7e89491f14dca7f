import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { type Db as Executor, fromDrizzle, PgBoss, type QueueOptions, type QueuePolicy } from "pg-boss";
import { z } from "zod";
import { newId } from "#lib/core/ids.ts";
import { singleton } from "#lib/core/singleton.ts";

/** What each job carries: ids and nothing else, so that a job's row tells no stranger anything. */
export const jobSchemas = {
  "stripe.event": z.object({ eventId: z.string() }),
  "billing.sync": z.object({ customerId: z.string() }),
  /** Note: leave findings for an operator to look at; otherwise what differs is put right. */
  "billing.reconcile": z.object({ customerId: z.string(), mode: z.enum(["fix", "note"]) }),
  "billing.sweep": z.object({ mode: z.enum(["fix", "note"]).optional() }),
  "billing.meter": z.object({}),
  "billing.warn": z.object({}),
  "chat.title": z.object({ conversationId: z.uuid() }),
  "mail.send": z.object({ mailId: z.uuid() }),
  "workspace.delete": z.object({ workspaceId: z.uuid() }),
  "chat.reap": z.object({}),
  "usage.sweep-holds": z.object({}),
  "usage.expire-grants": z.object({}),
  "ground.retention": z.object({}),
  "alert.deliver": z.object({
    key: z.string(),
    title: z.string(),
    detail: z.string(),
    channel: z.enum(["mail", "webhook"]),
  }),
} as const;

export type JobName = keyof typeof jobSchemas;
export type JobData<N extends JobName> = z.infer<(typeof jobSchemas)[N]>;

/** Where the jobs' tables live, apart from ours. */
export const queueSchema = "pgboss";
/** How the queue's register of processes calls a worker; readiness looks for one. */
export const workerName = "parley-worker";
/** Jobs that failed for good end here, with their data, until an operator has looked at them. */
export const deadLetterQueue = "dead";

type QueueRule = QueueOptions & { policy: QueuePolicy };

/** One at a time in the whole installation, and one waiting: for what the timetable starts. */
const sweep: QueueRule = { policy: "stately", retryLimit: 2, retryDelay: 30, expireInSeconds: 600 };
/** One waiting for each key: asking twice before it starts is asking once. */
const once: QueueRule = {
  policy: "short",
  retryLimit: 6,
  retryDelay: 5,
  retryBackoff: true,
  retryDelayMax: 900,
};

/** What is waited for: a worker that was killed is missed after so long, and another takes its job up again. */
const watched = { retryLimit: 12, expireInSeconds: 120, heartbeatSeconds: 15 };

/** How each queue retries. About two hours of trying for what came from outside, minutes for what is nice to have. */
export const queueRules: Record<JobName, QueueRule> = {
  "stripe.event": { ...once, ...watched },
  "billing.sync": { ...once, ...watched },
  "billing.reconcile": { ...once, ...watched },
  "billing.sweep": { ...sweep, expireInSeconds: 7_200 },
  "billing.meter": { ...sweep, retryLimit: 0, expireInSeconds: 300 },
  "billing.warn": { ...sweep, retryLimit: 0, expireInSeconds: 300 },
  "chat.title": { ...once, retryLimit: 2, expireInSeconds: 60 },
  "mail.send": { ...once, retryLimit: 10, expireInSeconds: 120 },
  "workspace.delete": { ...once, retryLimit: 20, expireInSeconds: 600 },
  "chat.reap": { ...sweep, retryLimit: 0, expireInSeconds: 60 },
  "usage.sweep-holds": { ...sweep, retryLimit: 0 },
  "usage.expire-grants": { ...sweep, retryLimit: 0 },
  "ground.retention": { ...sweep, expireInSeconds: 7_200 },
  "alert.deliver": { ...once, retryLimit: 10, expireInSeconds: 60 },
};

/** A transaction (or pool) of Drizzle or of postgres.js, whichever the caller has open. */
export type QueueTx =
  | { execute(query: ReturnType<typeof sql>): PromiseLike<unknown> }
  // The parameters' type is the driver's own; only text and numbers are passed.
  | {
      unsafe(text: string, values?: never[], options?: { prepare: boolean }): PromiseLike<readonly unknown[]>;
    };

type EnqueueOptions = {
  /** While a job with this key waits, another one with it is not written. Without a key every call writes a job. */
  uniqueKey?: string;
  /** Not before this moment, or this many seconds from now. */
  startAfter?: Date | number;
  /** At most one job with this key in each span of so many seconds, also after the first has ended. */
  everySeconds?: number;
};

/**
 * Writes a job in the caller's transaction: it runs if that commits, and never if it does not.
 * @returns whether a row was written; false means that a job with the same key waits already
 */
export async function enqueue<N extends JobName>(
  tx: QueueTx,
  job: N,
  data: JobData<N>,
  options: EnqueueOptions = {},
): Promise<boolean> {
  const db = executorOf(tx);
  const id = await currentExecutor().run(db, () =>
    sender().send(job, jobSchemas[job].parse(data), {
      db,
      singletonKey: options.uniqueKey ?? newId(),
      ...(options.startAfter !== undefined && { startAfter: options.startAfter }),
      ...(options.everySeconds !== undefined && { singletonSeconds: options.everySeconds }),
    }),
  );
  return id !== null;
}

/**
 * Writes many jobs of one kind in the caller's transaction, in one statement.
 * @param jobs each with the key under which only one of it may wait
 */
export async function enqueueAll<N extends JobName>(
  tx: QueueTx,
  job: N,
  jobs: { data: JobData<N>; uniqueKey: string }[],
): Promise<void> {
  if (jobs.length === 0) return;
  const db = executorOf(tx);
  const rows = jobs.map(({ data, uniqueKey }) => ({
    data: jobSchemas[job].parse(data),
    singletonKey: uniqueKey,
  }));
  await currentExecutor().run(db, () => sender().insert(job, rows, { db }));
}

function executorOf(tx: QueueTx): Executor {
  if ("execute" in tx) {
    return fromDrizzle({ execute: async (query) => (await tx.execute(query as never)) as never[] }, sql);
  }
  // There are few such texts, and each is long: planned once, it is sent in one trip.
  const options = { prepare: true };
  return {
    executeSql: async (text, values) => ({ rows: [...(await tx.unsafe(text, values as never[], options))] }),
  };
}

const currentExecutor = () => singleton("queue.executor", () => new AsyncLocalStorage<Executor>());

/**
 * pg-boss as a writer of rows alone: it is never started and owns no connection. What it reads for itself (a queue's
 * settings, once a process) goes through the transaction that is being served.
 */
function sender(): PgBoss {
  return singleton("queue.sender", () => {
    const executeSql: Executor["executeSql"] = (text, values) => {
      const executor = currentExecutor().getStore();
      if (executor === undefined) throw new Error("The queue's writer was used outside of a transaction.");
      return executor.executeSql(text, values);
    };
    return new PgBoss({ db: { executeSql }, schema: queueSchema });
  });
}

/**
 * Creates the queue's tables and every queue, or brings them to today's rules; part of migrating a database. Safe to run
 * by many processes at once, and again.
 * @param connectionString the database's address
 */
export async function installQueues(connectionString: string): Promise<void> {
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
    const known = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
    if (!known.has(deadLetterQueue))
      await boss.createQueue(deadLetterQueue, { retentionSeconds: 90 * 86_400 });
    for (const [name, rule] of Object.entries(queueRules)) {
      const { policy, ...options } = { ...rule, deadLetter: deadLetterQueue, notify: true };
      if (known.has(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { policy, ...options });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}
