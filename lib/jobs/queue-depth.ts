import { sql } from "#db/client.ts";
import { metrics } from "#lib/ground/metrics.ts";

/** Counts the jobs that wait, by queue, into the metrics; called when they are read. */
export async function measureQueueDepth(): Promise<void> {
  const rows = await sql()<{ name: string; waiting: number }[]>`
    select queue.name, count(job.id)::int as waiting
    from pgboss.queue
    left join pgboss.job on job.name = queue.name and job.state in ('created', 'retry')
    where queue.name not like '\\_\\_pgboss%'
    group by queue.name`;
  for (const { name, waiting } of rows) metrics.queueDepth.set({ queue: name }, waiting);
}
