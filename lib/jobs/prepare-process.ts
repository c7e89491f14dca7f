import { db } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { type Alert, deliverAlertsTo, watchErrorRate } from "#lib/core/alerts.ts";
import { env } from "#lib/core/env.ts";
import { enqueue } from "#lib/core/queue.ts";
import { followSandboxClock } from "#lib/jobs/follow-sandbox-clock.ts";
import { refuseBadEnvironment } from "#lib/jobs/refuse-bad-environment.ts";
import { priceList } from "#lib/usage/price-list.ts";

/** What the app and the worker both do first: refuse a bad environment, migrate, give alerts a way out. */
export async function prepareProcess(): Promise<void> {
  refuseBadEnvironment();
  // A catalogue that is not right is told now, and not to the first person who asks a model.
  priceList();
  await migrate(env().DATABASE_URL);
  deliverAlertsTo(handOnAlert);
  watchErrorRate();
  const { SANDBOX_STRIPE_URL } = env();
  if (SANDBOX_STRIPE_URL !== undefined) followSandboxClock(SANDBOX_STRIPE_URL);
}

const hourSeconds = 3_600;

/** A job for each way out that is configured, so that one that fails does not repeat the other. */
async function handOnAlert(alert: Alert): Promise<void> {
  const channels = [
    ...(env().ALERT_EMAIL === undefined ? [] : (["mail"] as const)),
    ...(env().ALERT_WEBHOOK_URL === undefined ? [] : (["webhook"] as const)),
  ];
  for (const channel of channels) {
    const uniqueKey = `${alert.key}:${channel}`;
    await enqueue(db(), "alert.deliver", { ...alert, channel }, { uniqueKey, everySeconds: hourSeconds });
  }
}
