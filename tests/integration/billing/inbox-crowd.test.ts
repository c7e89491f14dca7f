import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { storeEvent } from "#lib/billing/inbox.ts";
import { eventOf } from "#lib/gateways/stripe-event.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

const statements: string[] = [];
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

const store = (...names: string[]) =>
  Promise.all(
    names.map((name) =>
      storeEvent(
        eventOf({
          id: `evt_crowd_${name}`,
          type: "customer.updated",
          livemode: false,
          created: 1_790_000_000,
          data: { object: { object: "customer", id: "cus_crowd" } },
        }),
      ),
    ),
  );

test("two crowds that hold the same events in opposite orders do not wait for each other", async () => {
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
      // Somebody else has the middle one under way, so that both crowds come to a halt with a part of theirs done.
      await tx`insert into stripe_events (id, type, payload, created_at, received_at)
        values ('evt_crowd_m', 'customer.updated', '{}', now(), now())`;
      first = store("a", "m", "z");
      await untilWaiting(1);
      second = store("z", "m", "a");
      await untilWaiting(2);
      throw new Error("given up");
    })
    .catch(() => {});
  expect(await first).toEqual(["stored", "stored", "stored"]);
  expect(await second).toEqual(["duplicate", "duplicate", "duplicate"]);
  // One for each crowd: had PostgreSQL ended one of them, its events would have come again one by one.
  expect(statements.filter((text) => /insert into stripe_events .*\s+select/.test(text))).toHaveLength(2);
});
