import type { JobName } from "#lib/core/queue.ts";

/** When the jobs start that nothing causes but time: cron expressions in UTC. */
export const timetable: Partial<Record<JobName, string>> = {
  "usage.sweep-holds": "* * * * *",
  "usage.expire-grants": "*/5 * * * *",
  "billing.meter": "* * * * *",
  "billing.warn": "* * * * *",
  "billing.sweep": "17 3 * * *",
  "ground.retention": "43 4 * * *",
};
