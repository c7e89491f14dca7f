import { z } from "zod";
import { db } from "#db/client.ts";
import { maxExportAttempts } from "#lib/accounts/data-exports/build-run.ts";
import { startDueDeletions } from "#lib/accounts/deletion/delete-account.ts";
import { maxEmailAttempts, sendEmail } from "#lib/accounts/email/queue-email.ts";
import { sendWarnings } from "#lib/billing/emails/send-warnings.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { auditAndRecord, enqueueAudits } from "#lib/billing/reconcile/run-audit.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { meterOverage } from "#lib/billing/sync/meter-outbox.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { maxEventAttempts, processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { wakeChannel } from "#lib/chat/generation/readers/wake-bus.ts";
import { reapGenerations } from "#lib/chat/generation/reaper.ts";
import { purgeTemporaryLogs } from "#lib/chat/generation/temporary-log.ts";
import { generateTitle } from "#lib/chat/generation/titles.ts";
import { maxImportAttempts } from "#lib/chat/portability/import/imports.ts";
import { indexChanges } from "#lib/chat/search/index-changes.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import type { JobDefinition, RetryPolicy } from "#lib/core/queue.ts";
import { buildDataExport } from "#lib/jobs/data-export/build-data-export.ts";
import { deleteWorkspace, resumeDeletions, stopRenewal } from "#lib/jobs/delete-workspace.ts";
import { deliverAlert } from "#lib/jobs/deliver-alert.ts";
import { importChats } from "#lib/jobs/import-chats.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { checkUpstreams } from "#lib/usage/health/check-upstreams.ts";
import { expireGrants, sweepHolds } from "#lib/usage/holds.ts";

/**
 * A job of the queue. It is run again after it throws, so running it twice must have the effect of running it
 * once.
 */
type Job<S extends z.ZodType> = JobDefinition<S> & {
  /** Cron expression in UTC, for jobs that are started by time. */
  schedule?: string;
  /** How many of these jobs one worker runs at the same time; 1 without a value. */
  concurrency?: number;
  /** Calls one module function. */
  run: (data: z.infer<S>) => Promise<unknown>;
};

/** One running and one waiting job in the whole installation; for jobs that a schedule starts. */
const scheduled: RetryPolicy = { policy: "stately", retryLimit: 2, retryDelay: 30, expireInSeconds: 600 };

/** One waiting job per unique key; retries with growing delays of at most 15 minutes. */
const deduplicated: RetryPolicy = {
  policy: "short",
  retryLimit: 6,
  retryDelay: 5,
  retryBackoff: true,
  retryDelayMax: 900,
};

/**
 * For jobs whose result a user waits for: another worker takes over 15 s after the last heartbeat. Retries
 * for about two hours.
 */
const monitored: RetryPolicy = {
  ...deduplicated,
  retryLimit: 12,
  expireInSeconds: 120,
  heartbeatSeconds: 15,
};

const empty = z.object({});
const reconcileMode = z.enum(["fix", "note"]);

/** Infers the type of the payload from the schema. */
function defineJob<S extends z.ZodType>(job: Job<S>): Job<S> {
  return job;
}

/**
 * Every job of the queue: payload, retries, schedule, concurrency and the function that it calls. Payloads
 * contain ids only, so a job's row contains no personal data. To add a job, add it here.
 */
export const jobs = {
  "stripe.event": defineJob({
    schema: z.object({ eventId: z.string() }),
    retry: { ...monitored, retryLimit: maxEventAttempts - 1 },
    concurrency: 4,
    run: ({ eventId }) => processEvent(eventId),
  }),
  "billing.sync": defineJob({
    schema: z.object({ customerId: z.string() }),
    retry: monitored,
    concurrency: 4,
    run: ({ customerId }) => syncCustomer(customerId),
  }),
  /** Mode "note" records differences for an operator; "fix" repairs them. */
  "billing.reconcile": defineJob({
    schema: z.object({ customerId: z.string(), mode: reconcileMode }),
    retry: monitored,
    concurrency: 4,
    run: ({ customerId, mode }) => reconcileCustomer(customerId, { mode }),
  }),
  "billing.sweep": defineJob({
    schema: z.object({ mode: reconcileMode.optional() }),
    retry: { ...scheduled, expireInSeconds: 7_200 },
    schedule: "17 3 * * *",
    run: ({ mode }) => sweepBilling(mode),
  }),
  "billing.audit": defineJob({
    schema: empty,
    retry: { ...scheduled, expireInSeconds: 7_200 },
    schedule: "17 5 * * *",
    run: () => enqueueAudits(),
  }),
  /** A second look confirms the differences of the first. */
  "billing.audit-workspace": defineJob({
    schema: z.object({ workspaceId: z.uuid(), isSecondLook: z.boolean().optional() }),
    retry: deduplicated,
    concurrency: 2,
    run: ({ workspaceId, isSecondLook }) => auditAndRecord(workspaceId, isSecondLook ?? false),
  }),
  "billing.meter": defineJob({
    schema: empty,
    retry: { ...scheduled, retryLimit: 0, expireInSeconds: 300 },
    schedule: "* * * * *",
    run: () => meterOverage(now()),
  }),
  "billing.warn": defineJob({
    schema: empty,
    retry: { ...scheduled, retryLimit: 0, expireInSeconds: 300 },
    schedule: "* * * * *",
    run: () => sendWarnings(now()),
  }),
  "chat.import": defineJob({
    schema: z.object({ importId: z.uuid() }),
    retry: { ...monitored, retryLimit: maxImportAttempts - 1, expireInSeconds: 7_200 },
    concurrency: 2,
    run: ({ importId }) => importChats(importId),
  }),
  "chat.title": defineJob({
    schema: z.object({ conversationId: z.uuid() }),
    retry: { ...deduplicated, retryLimit: 2, expireInSeconds: 60 },
    concurrency: 2,
    run: ({ conversationId }) => generateTitle(conversationId),
  }),
  "mail.send": defineJob({
    schema: z.object({ mailId: z.uuid() }),
    retry: { ...deduplicated, retryLimit: maxEmailAttempts - 1, expireInSeconds: 120 },
    concurrency: 2,
    run: ({ mailId }) => sendEmail(mailId),
  }),
  "account.export": defineJob({
    schema: z.object({ exportId: z.uuid() }),
    retry: { ...monitored, retryLimit: maxExportAttempts - 1, expireInSeconds: 7_200 },
    concurrency: 2,
    run: ({ exportId }) => buildDataExport(exportId),
  }),
  /** Ends renewals as soon as a deletion is requested. */
  "account.stop-renewal": defineJob({
    schema: z.object({ workspaceId: z.uuid() }),
    retry: { ...deduplicated, retryLimit: 20, expireInSeconds: 120 },
    run: ({ workspaceId }) => stopRenewal(workspaceId),
  }),
  "account.start-due-deletions": defineJob({
    schema: empty,
    retry: { ...scheduled, retryLimit: 0 },
    schedule: "*/5 * * * *",
    run: async () => addToEvent({ started: await startDueDeletions(now()) }),
  }),
  "workspace.delete": defineJob({
    schema: z.object({ workspaceId: z.uuid() }),
    retry: { ...deduplicated, retryLimit: 20, expireInSeconds: 600 },
    run: ({ workspaceId }) => deleteWorkspace(workspaceId),
  }),
  "usage.sweep-holds": defineJob({
    schema: empty,
    retry: { ...scheduled, retryLimit: 0 },
    schedule: "* * * * *",
    run: async () => addToEvent({ swept: await sweepHolds(db(), now()) }),
  }),
  "usage.expire-grants": defineJob({
    schema: empty,
    retry: { ...scheduled, retryLimit: 0 },
    schedule: "*/5 * * * *",
    run: async () => addToEvent({ expired: await expireGrants(db(), now()) }),
  }),
  "core.retention": defineJob({
    schema: empty,
    retry: { ...scheduled, expireInSeconds: 7_200 },
    schedule: "43 4 * * *",
    run: async () => {
      await resumeDeletions();
      await applyRetention(now());
    },
  }),
  "alert.deliver": defineJob({
    schema: z.object({
      key: z.string(),
      title: z.string(),
      detail: z.string(),
      channel: z.enum(["mail", "webhook"]),
    }),
    retry: { ...deduplicated, retryLimit: 10, expireInSeconds: 60 },
    run: (alert) => deliverAlert(alert),
  }),
};

/**
 * Work that is due every few seconds, which is too often for rows in a queue. One process at a time does it.
 */
export const intervalTasks = {
  "chat.reap": { intervalMs: 10_000, run: () => reapGenerations(now()) },
  "chat.purgeTemporary": { intervalMs: 60_000, run: () => purgeTemporaryLogs(now()) },
  /** Every change of a conversation notifies; the interval finds what a lost notification announced. */
  "chat.index-search": {
    intervalMs: 10_000,
    run: (signal: AbortSignal) => indexChanges(signal),
    wakeOn: { channel: wakeChannel, message: /^list / },
  },
  /** Looks for checks that are due; each upstream is checked about every 30 seconds. */
  "models.check": { intervalMs: 5_000, run: () => checkUpstreams() },
};

type Payloads = { [N in keyof typeof jobs]: z.infer<(typeof jobs)[N]["schema"]> };

declare module "#lib/core/queue.ts" {
  interface JobPayloads extends Payloads {}
}

/** The function of each job, with its payload. */
export type JobHandlers = { [N in keyof Payloads]: (data: Payloads[N]) => Promise<unknown> };
