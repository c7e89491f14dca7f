import { fileURLToPath } from "node:url";
import { type JobWithMetadata, PgBoss } from "pg-boss";
import { closeDatabase } from "#db/client.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { env } from "#lib/core/env.ts";
import { log, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { type JobData, type JobName, jobSchemas, queueSchema, workerName } from "#lib/core/queue.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { type PulseTable, startPulses } from "#lib/jobs/pulse.ts";
import { type JobTable, jobs, pulses } from "#lib/jobs/registry.ts";
import { timetable } from "#lib/jobs/timetable.ts";

/** How many of a job run at once in one worker; one where nothing is said. */
const concurrency: Partial<Record<JobName, number>> = {
  "stripe.event": 4,
  "billing.sync": 4,
  "billing.reconcile": 4,
  "mail.send": 2,
  "chat.title": 2,
};

const stopWithinMs = 10_000;
const lookSeconds = 10;

export type Worker = { stop: () => Promise<void> };
type WorkerOptions = { connectionString: string; table: JobTable; pulses: PulseTable };

/** Starts taking jobs off the queue, and starting those of the timetable. Any number of workers may run. */
export async function startWorker(options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const table = options.table ?? jobs;
  const boss = new PgBoss({
    connectionString: options.connectionString ?? env().DATABASE_URL,
    schema: queueSchema,
    max: 6,
    useListenNotify: true,
    // Jobs of a process that was killed are looked for this often.
    superviseIntervalSeconds: lookSeconds,
    monitorIntervalSeconds: lookSeconds,
    instanceName: workerName,
  });
  boss.on("error", (error) => log.error({ err: error }, "The queue reported an error"));
  boss.on("warning", (warning) => log.warn({ detail: warning.message }, "The queue reported a warning"));
  await boss.start();
  for (const name of jobNames()) await takeJobs(boss, name, table);
  for (const [name, cron] of Object.entries(timetable)) await boss.schedule(name, cron, {}, { tz: "UTC" });
  const stopPulses = startPulses(options.pulses ?? pulses);
  return {
    stop: async () => {
      await stopPulses();
      await boss.stop({ graceful: true, timeout: stopWithinMs });
    },
  };
}

function jobNames(): JobName[] {
  // Object.keys forgets the names it was given; the table has exactly these.
  return Object.keys(jobSchemas) as JobName[];
}

/**
 * New jobs announce themselves, once for all that were written together; so whoever has done one looks for another at once,
 * and a backlog is worked off without a pause. What was put off for later is found by looking every few seconds.
 */
async function takeJobs<N extends JobName>(boss: PgBoss, name: N, table: JobTable): Promise<void> {
  const options = {
    includeMetadata: true,
    pollingIntervalSeconds: 2,
    notifyPollingIntervalSeconds: 5,
  } as const;
  for (let count = concurrency[name] ?? 1; count > 0; count -= 1) {
    let id = "";
    id = await boss.work<JobData<N>, void, typeof options>(name, options, async (batch) => {
      boss.notifyWorker(id);
      for (const job of batch) await runJob(name, job, table[name]);
    });
  }
}

async function runJob<N extends JobName>(
  name: N,
  job: JobWithMetadata<JobData<N>>,
  run: JobTable[N],
): Promise<void> {
  const stopTimer = metrics.jobSeconds.startTimer({ job: name });
  try {
    const fields = { requestId: job.id, attempt: job.retryCount + 1 };
    await withEvent(`job.${name}`, fields, async () => {
      // The schema of this name gives the data of this name; TypeScript cannot follow the pair through the table.
      await run(jobSchemas[name].parse(job.data) as JobData<N>);
    });
    stopTimer({ outcome: "ok" });
  } catch (error) {
    stopTimer({ outcome: "error" });
    if (job.retryCount >= job.retryLimit) await tellOperator(name, job.id);
    throw error;
  }
}

async function tellOperator(name: JobName, jobId: string): Promise<void> {
  await raiseAlert({
    key: `job-failed:${name}`,
    title: `The job ${name} failed for good`,
    detail: `Job ${jobId} of the queue ${name} used up its attempts and waits in the dead-letter queue.`,
  });
}

/** `npm run worker`: the jobs in a process of their own, for an app that runs with WORKER=off. */
async function runWorkerProcess(): Promise<void> {
  await prepareProcess();
  const worker = await startWorker();
  log.info("The worker is running");
  const stop = async () => {
    await worker.stop();
    await closeDatabase();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runWorkerProcess();
