import { db } from "#db/client.ts";
import { sendMail } from "#lib/accounts/mail.ts";
import { processEvent } from "#lib/billing/inbox.ts";
import { meterOverage } from "#lib/billing/meter-outbox.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { sendWarnings } from "#lib/billing/warnings.ts";
import { reapGenerations } from "#lib/chat/reap.ts";
import { generateTitle } from "#lib/chat/titles.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import type { JobData, JobName } from "#lib/core/queue.ts";
import { deleteWorkspace, resumeDeletions } from "#lib/jobs/delete-workspace.ts";
import { deliverAlert } from "#lib/jobs/deliver-alert.ts";
import type { PulseTable } from "#lib/jobs/pulse.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { expireGrants, sweepHolds } from "#lib/usage/holds.ts";

export type JobTable = { [N in JobName]: (data: JobData<N>) => Promise<unknown> };

/** Each job's one room function. It is called again when it throws, so doing it twice is the same as doing it once. */
export const jobs: JobTable = {
  "stripe.event": ({ eventId }) => processEvent(eventId),
  "billing.sync": ({ customerId }) => syncCustomer(customerId),
  "billing.reconcile": ({ customerId, mode }) => reconcileCustomer(customerId, { mode }),
  "billing.sweep": ({ mode }) => sweepBilling(mode),
  "billing.meter": () => meterOverage(now()),
  "billing.warn": () => sendWarnings(now()),
  "chat.title": ({ conversationId }) => generateTitle(conversationId),
  "chat.reap": () => reapGenerations(now()),
  "mail.send": ({ mailId }) => sendMail(mailId),
  "usage.sweep-holds": async () => addToEvent({ swept: await sweepHolds(db(), now()) }),
  "usage.expire-grants": async () => addToEvent({ expired: await expireGrants(db(), now()) }),
  "workspace.delete": ({ workspaceId }) => deleteWorkspace(workspaceId),
  "ground.retention": async () => {
    await resumeDeletions();
    await applyRetention(now());
  },
  "alert.deliver": (alert) => deliverAlert(alert),
};

/** What cannot wait for the next minute: an answer whose process died should not keep its reader waiting. */
export const pulses: PulseTable = {
  "chat.reap": { everyMs: 10_000, run: () => reapGenerations(now()) },
};
