import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createWakeBus } from "#lib/chat/generation/readers/wake-bus.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("beginning to listen wakes readers, but stops and revokes nothing", async () => {
  const bus = createWakeBus(() => database.sql, "instance-1");
  const woken: string[] = [];
  for (const kind of ["written", "stop", "title", "revoked", "list"] as const)
    bus.on(kind, "id-1", () => woken.push(kind));
  expect(await bus.listening()).toBe(true);
  await vi.waitFor(() => expect(woken.sort()).toEqual(["list", "title", "written"]), { timeout: 20_000 });
  await bus.close();
});
