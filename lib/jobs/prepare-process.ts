import { db, sql } from "#db/client.ts";
import { assertModelGates } from "#lib/billing/catalog/model-gates.ts";
import { type Alert, deliverAlertsTo, watchErrorRate } from "#lib/core/alerts.ts";
import { databaseUrls, env } from "#lib/core/env.ts";
import { enqueue, registerJobs } from "#lib/core/queue.ts";
import { assertEnv } from "#lib/jobs/assert-env.ts";
import { followSandboxClock } from "#lib/jobs/follow-sandbox-clock.ts";
import { jobs } from "#lib/jobs/jobs.ts";
import { type ProcessRole, startObserving } from "#lib/jobs/observe-process.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { readMigrations } from "#lib/jobs/readiness.ts";
import { followSharedState } from "#lib/jobs/shared-state.ts";
import { priceList } from "#lib/usage/price-list.ts";

/**
 * The start of the app and of the worker: checks the environment, prepares the database, and configures
 * alerts.
 */
export async function prepareProcess(role: ProcessRole = "app"): Promise<void> {
  assertEnv();
  await startObserving(role);
  // Fails now, rather than at the first request, if the price list is invalid.
  assertModelGates(priceList());
  registerJobs(jobs);
  await prepareOrCheckDatabase();
  await followSharedState();
  deliverAlertsTo(enqueueAlert);
  watchErrorRate();
  const { SANDBOX_STRIPE_URL } = env();
  if (SANDBOX_STRIPE_URL !== undefined) followSandboxClock(SANDBOX_STRIPE_URL);
}

/** With a role that may not migrate, `npm run migrate` runs first, as a step of its own. */
async function prepareOrCheckDatabase(): Promise<void> {
  const { migration, app } = databaseUrls();
  if (env().MIGRATE_AT_START === "on") return prepareDatabase(migration, app);
  const state = await readMigrations(sql());
  if (state !== "ok")
    throw new Error(`Migrations: ${state}. Run npm run migrate before this process starts.`);
}

const hourSeconds = 3_600;

/** Writes one job per configured channel, so that a channel that fails does not repeat the other one. */
async function enqueueAlert(alert: Alert): Promise<void> {
  const channels = [
    ...(env().ALERT_EMAIL === undefined ? [] : (["mail"] as const)),
    ...(env().ALERT_WEBHOOK_URL === undefined ? [] : (["webhook"] as const)),
  ];
  for (const channel of channels) {
    const uniqueKey = `${alert.key}:${channel}`;
    await enqueue(db(), "alert.deliver", { ...alert, channel }, { uniqueKey, everySeconds: hourSeconds });
  }
}
