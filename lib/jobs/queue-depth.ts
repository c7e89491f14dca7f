import { sql } from "#db/client.ts";
import { metrics } from "#lib/core/metrics.ts";

export type QueueDepth = { name: string; waiting: number };

/** Counts waiting jobs by queue. */
export async function readQueueDepth(): Promise<QueueDepth[]> {
  const rows = await sql()<QueueDepth[]>`
    select queue.name, count(job.id)::int as waiting
    from pgboss.queue
    left join pgboss.job on job.name = queue.name and job.state in ('created', 'retry')
    where queue.name not like '\\_\\_pgboss%'
    group by queue.name`;
  return [...rows];
}

/** Updates the metric; called before metrics are read. */
export async function measureQueueDepth(): Promise<void> {
  for (const { name, waiting } of await readQueueDepth()) metrics.queueDepth.set({ queue: name }, waiting);
}
