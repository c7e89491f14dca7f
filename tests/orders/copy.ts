import Stripe from "stripe";
import { pointDatabaseAt } from "#db/client.ts";
import { createUser } from "#lib/accounts/users.ts";
import { processEvent, receiveEvent } from "#lib/billing/inbox.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import type { Random } from "#tests/orders/random.ts";
import type { OrdersWorld } from "#tests/orders/world.ts";

/** How a copy of the product hears of events. */
export type Hearing = "in order" | "badly";

export type Copy = {
  /** Delivers what has happened, as well or as badly as this copy hears. */
  hear(events: Stripe.Event[]): Promise<void>;
  /** The nightly sweep: whatever was not heard of is made good. */
  sweep(): Promise<void>;
  /** Everything that matters of the customer, as it stands in this copy's database. */
  read(): Promise<unknown>;
};

/** A fresh copy of the product that knows one customer, and nothing of their history. */
export async function makeCopy(
  world: OrdersWorld,
  database: OrdersWorld["databases"][number],
  customer: string,
  hearing: Hearing,
  random: Random,
): Promise<Copy> {
  pointDatabaseAt(database);
  const made = await createUser(database.db, { email: `${newId()}@orders.example`, name: "Ada" }, now());
  if (made === null) throw new Error("The address was taken.");
  const { workspaceId } = made;
  // The card is the same in every history; in its own one it has had no trial yet.
  await database.sql`
    with forgotten as (delete from trials)
    insert into billing_customers (workspace_id, stripe_customer_id, created_at)
    values (${workspaceId}, ${customer}, ${now().toISOString()})`;
  let late: Stripe.Event[] = [];

  const deliver = async (event: Stripe.Event) => {
    const payload = JSON.stringify(event);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: world.secret });
    await receiveEvent(Buffer.from(payload), signature);
    await processEvent(event.id);
  };

  return {
    async hear(events) {
      pointDatabaseAt(database);
      if (hearing === "in order") {
        for (const event of events) await deliver(event);
        return;
      }
      // Now and then nothing comes through at all.
      const lost = random.chance(0.3) ? 1 : 0.2;
      const arrived = [...late, ...events.filter(() => !random.chance(lost))];
      late = arrived.filter(() => random.chance(0.2));
      const doubled = arrived.filter(() => random.chance(0.3));
      const heard = random.shuffled([...arrived.filter((event) => !late.includes(event)), ...doubled]);
      const crowd = 1 + random.below(5);
      while (heard.length > 0) await Promise.all(heard.splice(0, crowd).map(deliver));
    },
    async sweep() {
      pointDatabaseAt(database);
      await syncCustomer(customer);
    },
    read: () => readAll(database, workspaceId),
  };
}

async function readAll({ sql }: OrdersWorld["databases"][number], workspaceId: string): Promise<unknown> {
  const at = now().toISOString();
  const [row] = await sql`
    select
      (select json_agg(json_build_object('id', s.id, 'status', s.status, 'cancel', s.cancel_at_period_end, 'cancelAt', s.cancel_at,
          'ended', s.ended_at, 'trialEnds', s.trial_ends_at, 'pastDueSince', s.past_due_since, 'pending', s.pending_until,
          'next', s.scheduled_lookup_key, 'item', i.lookup_key, 'from', i.period_start, 'to', i.period_end) order by s.id)
        from subscriptions s left join subscription_items i on i.subscription_id = s.id
        where s.workspace_id = ${workspaceId}) as subscriptions,
      (select json_agg(json_build_object('id', id, 'status', status, 'total', total_cents, 'paid', amount_paid_cents) order by id)
        from invoices where workspace_id = ${workspaceId}) as invoices,
      -- A grant that was taken back whole is as good as none: a grace that nobody heard of was never given.
      (select json_agg(json_build_object('key', source_key, 'kind', kind, 'amount', amount_micros, 'back', taken_back_micros,
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
