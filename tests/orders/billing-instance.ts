import Stripe from "stripe";
import { pointDatabaseAt } from "#db/client.ts";
import { createUser } from "#lib/accounts/users.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { listCustomerIds } from "#lib/billing/customer/list-customer-ids.ts";
import { auditNow } from "#lib/billing/reconcile/run-audit.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent, receiveEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { expireGrants } from "#lib/usage/holds.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";
import type { OrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import type { Random } from "#tests/orders/random.ts";

/** How webhooks reach an instance. `unreliable` loses, delays, duplicates, reorders and overlaps them. */
export type DeliveryMode = "in order" | "unreliable";

export type BillingInstance = {
  /** Delivers the events of one step in this instance's delivery mode. */
  deliver(events: Stripe.Event[], random: Random): Promise<void>;
  /** Syncs the customers as the nightly sweep does, which makes up for lost events. */
  sweep(): Promise<void>;
  /** Returns the workspace's customer, made anew if it was deleted at Stripe. */
  ensureCustomer(): Promise<string>;
  /** Writes off expired credit, as the hourly job does. */
  expireCredit(): Promise<void>;
  /** Returns the credit that can be spent, in micro-USD. */
  readAvailable(): Promise<number>;
  spend(micros: number): Promise<void>;
  /** Returns the auditor's findings. */
  audit(): Promise<readonly unknown[]>;
  /**
   * Reads the customer's billing state from this instance's database, without what may differ between
   * instances.
   */
  readState(): Promise<unknown>;
};

type Database = OrdersTestEnv["databases"][number];

/**
 * Creates a user with the same workspace in every database, so that the idempotency keys of all instances are
 * equal and each gets the same customer.
 */
export async function createWorkspace([first, ...others]: readonly Database[]): Promise<string> {
  if (first === undefined) throw new Error("There is no database.");
  const user = await createUser(first.db, { email: `${newId()}@orders.example`, name: "Ada" }, now());
  if (user === null) throw new Error("The email is taken.");
  const { userId, workspaceId } = user;
  const tables = [
    { name: "users", rows: await first.sql`select * from users where id = ${userId}` },
    { name: "workspaces", rows: await first.sql`select * from workspaces where id = ${workspaceId}` },
    { name: "members", rows: await first.sql`select * from members where workspace_id = ${workspaceId}` },
    { name: "balances", rows: await first.sql`select * from balances where workspace_id = ${workspaceId}` },
  ];
  for (const { sql } of others)
    for (const { name, rows } of tables) await sql`insert into ${sql(name)} ${sql(rows)}`;
  return workspaceId;
}

/** Creates an instance of the product, with a database of its own, that knows one workspace. */
export async function createBillingInstance(
  testEnv: OrdersTestEnv,
  database: Database,
  workspaceId: string,
  mode: DeliveryMode,
): Promise<BillingInstance> {
  // Every history uses the same card, so the trials of earlier histories must not count.
  await database.sql`delete from trials`;
  let delayed: Stripe.Event[] = [];
  const known: string[] = [];

  const receive = (event: Stripe.Event) => {
    const payload = JSON.stringify(event);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: testEnv.secret });
    return receiveEvent(Buffer.from(payload), signature);
  };
  const receiveAndProcess = async (event: Stripe.Event) => {
    await receive(event);
    await processEvent(event.id);
  };

  return {
    async deliver(events, random) {
      pointDatabaseAt(database);
      if (mode === "in order") {
        // The reference for the other instance. A customer's events of a step lead to the same sync.
        for (const id of known) {
          const last = events.findLast(({ data }) => isOf(data.object, id));
          if (last !== undefined) await receiveAndProcess(last);
        }
        return;
      }
      // In a third of the steps every event is lost.
      const lossRate = random.chance(0.3) ? 1 : 0.2;
      const arrived = [...delayed, ...events.filter(() => !random.chance(lossRate))];
      delayed = arrived.filter(() => random.chance(0.2));
      const duplicates = arrived.filter(() => random.chance(0.3));
      const queue = random.shuffled([...arrived.filter((event) => !delayed.includes(event)), ...duplicates]);
      // In one or two rounds, each of overlapping syncs.
      const concurrency = Math.ceil(queue.length / (1 + random.below(2)));
      while (queue.length > 0) await Promise.all(queue.splice(0, concurrency).map(receiveAndProcess));
    },
    async sweep() {
      pointDatabaseAt(database);
      for await (const id of listCustomerIds(database.db)) if (known.includes(id)) await syncCustomer(id);
    },
    async ensureCustomer() {
      pointDatabaseAt(database);
      const id = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, now()));
      if (!known.includes(id)) known.push(id);
      return id;
    },
    async expireCredit() {
      await expireGrants(database.db, now());
    },
    async readAvailable() {
      return (await readBalance(database.db, workspaceId, now())).availableMicros;
    },
    async spend(micros) {
      await spendCredit(database, { workspaceId }, micros);
    },
    async audit() {
      pointDatabaseAt(database);
      return (await auditNow(workspaceId))?.findings ?? [];
    },
    readState: () => readBillingState(database, workspaceId),
  };
}

/** Whether an event's object is a customer or belongs to it. */
function isOf(object: object, customerId: string): boolean {
  return Object.values(object).includes(customerId);
}

async function readBillingState({ sql }: Database, workspaceId: string): Promise<unknown> {
  const at = now().toISOString();
  const [row] = await sql`
    select
      (select json_agg(json_build_object('id', s.id, 'status', s.status, 'cancel', s.cancel_at_period_end, 'cancelAt', s.cancel_at,
          'ended', s.ended_at, 'trialEnds', s.trial_ends_at, 'pastDueSince', s.past_due_since, 'pending', s.pending_until,
          'next', s.scheduled_lookup_key, 'item', i.lookup_key, 'from', i.period_start, 'to', i.period_end) order by s.id, i.id)
        from subscriptions s left join subscription_items i on i.subscription_id = s.id
        where s.workspace_id = ${workspaceId}) as subscriptions,
      (select json_agg(json_build_object('id', id, 'status', status, 'total', total_cents, 'paid', amount_paid_cents) order by id)
        from invoices where workspace_id = ${workspaceId}) as invoices,
      -- A grant that was clawed back in full equals none: an instance that missed a grace period never granted it.
      (select json_agg(json_build_object('key', source_key, 'kind', kind, 'amount', amount_micros, 'clawedBack', taken_back_micros,
          'ends', expires_at) order by source_key)
        from grants where workspace_id = ${workspaceId} and amount_micros > taken_back_micros) as grants,
      (select coalesce(sum(amount_micros), 0)::text from ledger_entries where workspace_id = ${workspaceId}) as ledger,
      (select balance_micros::text from balances where workspace_id = ${workspaceId}) as balance,
      available_credit(${workspaceId}, ${at})::text as available,
      (select json_agg(subscription_id order by subscription_id) from trials where workspace_id = ${workspaceId}) as trials,
      (select count(*)::int from grants g where g.workspace_id = ${workspaceId} and g.amount_micros <>
        g.remaining_micros + g.spent_micros + g.expired_micros + g.taken_back_micros) as broken`;
  return row;
}
