import { expect, test, vi } from "vitest";
import { groupCommit, retryAlone } from "#lib/core/group-commit.ts";

/** A commit function that waits until `release` is called, and rejects a batch that contains 13. */
function createGate() {
  const batches: number[][] = [];
  const open: (() => void)[] = [];
  const commit = async (items: number[]) => {
    batches.push(items);
    await new Promise<void>((resolve) => open.push(resolve));
    if (items.includes(13)) throw new Error("13 is invalid");
    return items.map((item) => item * 10);
  };
  const release = async () => {
    await vi.waitFor(() => expect(open.length).toBeGreaterThan(0));
    open.shift()?.();
  };
  return { batches, commit, release };
}

test("items of one turn share a batch, and items added during its commit share the next one, in order", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(commit);
  const first = [1, 2].map(add);
  await vi.waitFor(() => expect(batches).toEqual([[1, 2]]));
  const second = [3, 4].map(add);
  await release();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await release();
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(await Promise.all(second)).toEqual([30, 40]);
});

test("with flushWhenIdle, the first item is committed immediately and later items share the next batch", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(commit, { flushWhenIdle: true });
  const all = [1, 2, 3].map(add);
  expect(batches).toEqual([[1]]);
  await release();
  await release();
  expect(await Promise.all(all)).toEqual([10, 20, 30]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test("an item that cannot be committed fails without failing its batch", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(commit);
  const settled = Promise.allSettled([1, 2, 13, 4].map(add));
  for (let count = 0; count < 5; count += 1) await release();
  expect((await settled).map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(batches).toEqual([[1, 2, 13, 4], [1], [2], [13], [4]]);
});

test("no batch exceeds maxBatchSize, and every item is committed", async () => {
  const batches: number[] = [];
  const add = groupCommit(
    async (items: number[]) => {
      batches.push(items.length);
      return items;
    },
    { maxBatchSize: 3 },
  );
  const items = Array.from({ length: 8 }, (_, index) => index);
  expect(await Promise.all(items.map(add))).toEqual(items);
  expect(batches).toEqual([3, 3, 2]);
});

test("items that arrive within lingerMs share a batch", async () => {
  const batches: number[][] = [];
  const add = groupCommit(
    async (items: number[]) => {
      batches.push(items);
      return items;
    },
    { lingerMs: 5 },
  );
  const first = add(1);
  await Promise.resolve();
  const second = add(2);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(batches).toEqual([[1, 2]]);
  expect(await add(3)).toBe(3);
  expect(batches).toEqual([[1, 2], [3]]);
});

test("maxConcurrentBatches batches run concurrently, and further items wait for the first to end", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(commit, { maxConcurrentBatches: 2 });
  const results = [add(1)];
  await vi.waitFor(() => expect(batches).toEqual([[1]]));
  results.push(add(2));
  await vi.waitFor(() => expect(batches).toEqual([[1], [2]]));
  results.push(add(3), add(4));
  await release();
  expect(await results[0]).toBe(10);
  await release();
  await release();
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  expect(batches).toEqual([[1], [2], [3, 4]]);
});

test("a batch contains one item per key, and later items of the key follow in order", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(commit, { keyOf: (item: number) => String(item % 2) });
  const settled = Promise.all([1, 3, 2, 5, 4].map(add));
  for (let count = 0; count < 3; count += 1) await release();
  expect(await settled).toEqual([10, 30, 20, 50, 40]);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test("an item with the result retryAlone is committed alone, and no other item waits for it", async () => {
  const { batches, commit, release } = createGate();
  const add = groupCommit(async (items: number[]) => {
    const results = await commit(items);
    return results.map((result, index) => (items[index] === 7 && items.length > 1 ? retryAlone : result));
  });
  const [first, retried, third] = [6, 7, 8].map(add);
  await release();
  expect(await Promise.all([first, third])).toEqual([60, 80]);
  await vi.waitFor(() => expect(batches).toEqual([[6, 7, 8], [7]]));
  const later = add(9);
  await vi.waitFor(() => expect(batches).toEqual([[6, 7, 8], [7], [9]]));
  await release();
  expect(await retried).toBe(70);
  await release();
  expect(await later).toBe(90);
});

test("a missing result rejects only its own item", async () => {
  const add = groupCommit(async (items: number[]) => items.slice(0, 1));
  const settled = await Promise.allSettled([1, 2].map(add));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});
