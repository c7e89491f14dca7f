import { expect, test } from "vitest";
import { runInTimeSlices } from "#lib/core/time-slices.ts";

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function* work(steps: number, name = "", log: string[] = []): Generator<void, number> {
  for (let step = 0; step < steps; step++) {
    spin(1);
    log.push(name);
    yield;
  }
  return steps;
}

test("D1: sliced work lets other callbacks run, however many tasks there are", async () => {
  let turns = 0;
  let running = true;
  const tick = () => {
    turns += 1;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  const results = await Promise.all(Array.from({ length: 10 }, () => runInTimeSlices(work(30))));
  running = false;
  expect(results).toEqual(Array.from({ length: 10 }, () => 30));
  // 300 steps of 1 ms in slices of 8 ms.
  expect(turns).toBeGreaterThan(30);
});

test("a short task does not wait for the end of a long one", async () => {
  const log: string[] = [];
  await Promise.all([runInTimeSlices(work(200, "long", log)), runInTimeSlices(work(2, "short", log))]);
  expect(log.lastIndexOf("short")).toBeLessThan(50);
});

test("an error of sliced work rejects its promise only", async () => {
  function* failing(): Generator<void, number> {
    yield;
    throw new Error("broken");
  }
  const failed = runInTimeSlices(failing());
  const other = runInTimeSlices(work(3));
  await expect(failed).rejects.toThrow("broken");
  expect(await other).toBe(3);
});
