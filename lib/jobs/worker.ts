import { fileURLToPath } from "node:url";
import { type JobWithMetadata, PgBoss } from "pg-boss";
import { closeDatabase } from "#db/client.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { databaseUrls } from "#lib/core/env.ts";
import { log, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { type JobName, type JobPayloads, queueSchema, traceparentOf, workerName } from "#lib/core/queue.ts";
import { type IntervalTasks, startIntervalTasks } from "#lib/jobs/interval-tasks.ts";
import { intervalTasks, type JobHandlers, jobs } from "#lib/jobs/jobs.ts";
import { stopObserving } from "#lib/jobs/observe-process.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { stopFollowing } from "#lib/jobs/shared-state.ts";

const stopTimeoutMs = 10_000;
const superviseSeconds = 10;

export type Worker = { stop: () => Promise<void> };
type WorkerOptions = {
  connectionString: string;
  /** Replaces the functions of the jobs, in tests: a job without a handler then does nothing. */
  handlers: Partial<JobHandlers>;
  intervalTasks: IntervalTasks;
};

/**
 * Starts a worker: it runs jobs of the queue, schedules jobs, and runs interval tasks. Any number of workers
 * may run.
 */
export async function startWorker(options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const boss = new PgBoss({
    connectionString: options.connectionString ?? databaseUrls().direct,
    schema: queueSchema,
    max: 6,
    useListenNotify: true,
    // How often pg-boss looks for jobs of killed processes.
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    instanceName: workerName,
  });
  boss.on("error", (error) => log.error({ err: error }, "pg-boss reported an error"));
  boss.on("warning", (warning) => log.warn({ detail: warning.message }, "pg-boss reported a warning"));
  await boss.start();
  for (const name of jobNames()) await processJobs(boss, name, toHandler(name, options.handlers));
  await applySchedules(boss);
  const stopTasks = startIntervalTasks(options.intervalTasks ?? intervalTasks);
  return {
    stop: async () => {
      await stopTasks();
      await boss.stop({ graceful: true, timeout: stopTimeoutMs });
    },
  };
}

function jobNames(): JobName[] {
  // Object.keys returns string[]; these are exactly the keys of the table.
  return Object.keys(jobs) as JobName[];
}

function toHandler<N extends JobName>(
  name: N,
  handlers: Partial<JobHandlers> = jobHandlers(),
): JobHandlers[N] {
  return handlers[name] ?? (async () => undefined);
}

function jobHandlers(): JobHandlers {
  // Each entry of the table has the `run` function for its own payload; Object.fromEntries loses the pairing.
  return Object.fromEntries(Object.entries(jobs).map(([name, { run }]) => [name, run])) as JobHandlers;
}

/** Schedules the jobs of the table, and removes schedules of jobs that are no longer in it. */
async function applySchedules(boss: PgBoss): Promise<void> {
  const schedules = Object.entries<{ schedule?: string }>(jobs).flatMap(([name, { schedule }]) =>
    schedule === undefined ? [] : [{ name, schedule }],
  );
  for (const { name, schedule } of schedules) await boss.schedule(name, schedule, {}, { tz: "UTC" });
  for (const { name } of await boss.getSchedules())
    if (!schedules.some((known) => known.name === name)) await boss.unschedule(name);
}

/**
 * pg-boss notifies workers once per transaction, so a worker that has finished a job looks for the next one
 * immediately and works off a backlog without pauses. Polling finds jobs with a delayed start.
 */
async function processJobs<N extends JobName>(boss: PgBoss, name: N, run: JobHandlers[N]): Promise<void> {
  const { concurrency = 1 }: { concurrency?: number } = jobs[name];
  const options = {
    includeMetadata: true,
    pollingIntervalSeconds: 2,
    notifyPollingIntervalSeconds: 5,
  } as const;
  for (let count = 0; count < concurrency; count += 1) {
    let id = "";
    id = await boss.work<JobPayloads[N], void, typeof options>(name, options, async (batch) => {
      boss.notifyWorker(id);
      for (const job of batch) await runJob(name, job, run);
    });
  }
}

async function runJob<N extends JobName>(
  name: N,
  job: JobWithMetadata<JobPayloads[N]>,
  run: JobHandlers[N],
): Promise<void> {
  const stopTimer = metrics.jobSeconds.startTimer({ job: name });
  try {
    const fields = { requestId: job.id, attempt: job.retryCount + 1 };
    const trace = { kind: "consumer", parent: traceparentOf(job.data) } as const;
    const work = async () => {
      // The schema of this name returns the payload of this name; TypeScript cannot follow the pair through
      // the table.
      await run(jobs[name].schema.parse(job.data) as JobPayloads[N]);
    };
    await withEvent(`job.${name}`, fields, work, trace);
    stopTimer({ outcome: "ok" });
  } catch (error) {
    stopTimer({ outcome: "error" });
    if (job.retryCount >= job.retryLimit) await alertJobFailed(name, job.id);
    throw error;
  }
}

async function alertJobFailed(name: JobName, jobId: string): Promise<void> {
  await raiseAlert({
    key: `job-failed:${name}`,
    title: `The job ${name} failed for good`,
    detail: `Job ${jobId} of the queue ${name} used up its attempts and waits in the dead-letter queue.`,
  });
}

/** `npm run worker`: runs the jobs in a separate process, for an app with WORKER=off. */
async function runWorkerProcess(): Promise<void> {
  await prepareProcess("worker");
  const worker = await startWorker();
  log.info("The worker is running");
  const stop = async () => {
    await worker.stop();
    await stopFollowing();
    await closeDatabase();
    await stopObserving();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runWorkerProcess();
