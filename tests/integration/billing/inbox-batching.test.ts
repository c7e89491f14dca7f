import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { toEvent } from "#lib/gateways/stripe/events/event.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

const statements: string[] = [];
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

const storeBatch = (...names: string[]) =>
  Promise.all(
    names.map((name) =>
      storeEvent(
        toEvent({
          id: `evt_crowd_${name}`,
          type: "customer.updated",
          livemode: false,
          created: 1_790_000_000,
          data: { object: { object: "customer", id: "cus_crowd" } },
        }),
      ),
    ),
  );

test("concurrent batches with the same events in opposite orders do not deadlock", async () => {
  const untilWaiting = (count: number) =>
    vi.waitFor(async () => {
      const [row] = await database.sql`
        select count(*)::int as n from pg_locks l join pg_stat_activity a using (pid)
        where not l.granted and a.datname = current_database()`;
      expect(row?.n).toBe(count);
    });
  let first: Promise<string[]> | undefined;
  let second: Promise<string[]> | undefined;
  await database.sql
    .begin(async (tx) => {
      // An open transaction holds the middle event, so both batches wait with part of their rows inserted.
      await tx`insert into stripe_events (id, type, payload, created_at, received_at)
        values ('evt_crowd_m', 'customer.updated', '{}', now(), now())`;
      first = storeBatch("a", "m", "z");
      await untilWaiting(1);
      second = storeBatch("z", "m", "a");
      await untilWaiting(2);
      throw new Error("given up");
    })
    .catch(() => {});
  expect(await first).toEqual(["stored", "stored", "stored"]);
  expect(await second).toEqual(["duplicate", "duplicate", "duplicate"]);
  // One insert per batch: after a deadlock the events of a batch would have been retried one by one.
  expect(statements.filter((text) => /insert into stripe_events .*\s+select/.test(text))).toHaveLength(2);
});
