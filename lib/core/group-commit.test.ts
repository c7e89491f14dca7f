import { expect, test, vi } from "vitest";
import { alone, groupCommit } from "#lib/core/group-commit.ts";

/** A commit that waits until it is let go. */
function gate() {
  const groups: number[][] = [];
  const open: (() => void)[] = [];
  const commit = async (items: number[]) => {
    groups.push(items);
    await new Promise<void>((resolve) => open.push(resolve));
    if (items.includes(13)) throw new Error("unlucky");
    return items.map((item) => item * 10);
  };
  const letGo = async () => {
    await vi.waitFor(() => expect(open.length).toBeGreaterThan(0));
    open.shift()?.();
  };
  return { groups, commit, letGo };
}

test("whoever comes in one turn is committed together, and whoever comes meanwhile shares the next commit, in order", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit);
  const first = [1, 2].map(add);
  await vi.waitFor(() => expect(groups).toEqual([[1, 2]]));
  const second = [3, 4].map(add);
  await letGo();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await letGo();
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(await Promise.all(second)).toEqual([30, 40]);
});

test("an eager one goes at once where nothing is under way, and whoever comes meanwhile shares the next commit", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit, { isEager: true });
  const all = [1, 2, 3].map(add);
  expect(groups).toEqual([[1]]);
  await letGo();
  await letGo();
  expect(await Promise.all(all)).toEqual([10, 20, 30]);
  expect(groups).toEqual([[1], [2, 3]]);
});

test("one that cannot be committed fails alone", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit);
  const told = Promise.allSettled([1, 2, 13, 4].map(add));
  for (let count = 0; count < 5; count += 1) await letGo();
  expect((await told).map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(groups).toEqual([[1, 2, 13, 4], [1], [2], [13], [4]]);
});

test("no group is larger than the most, and none is left behind", async () => {
  const groups: number[] = [];
  const add = groupCommit(
    async (items: number[]) => {
      groups.push(items.length);
      return items;
    },
    { most: 3 },
  );
  const items = Array.from({ length: 8 }, (_, index) => index);
  expect(await Promise.all(items.map(add))).toEqual(items);
  expect(groups).toEqual([3, 3, 2]);
});

test("who lingers is joined by whoever comes meanwhile, in one commit", async () => {
  const groups: number[][] = [];
  const add = groupCommit(
    async (items: number[]) => {
      groups.push(items);
      return items;
    },
    { lingerMs: 5 },
  );
  const first = add(1);
  await Promise.resolve();
  const second = add(2);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(groups).toEqual([[1, 2]]);
  expect(await add(3)).toBe(3);
  expect(groups).toEqual([[1, 2], [3]]);
});

test("as many groups as are allowed go side by side, and who comes then waits for the first that ends", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit, { abreast: 2 });
  const results = [add(1)];
  await vi.waitFor(() => expect(groups).toEqual([[1]]));
  results.push(add(2));
  await vi.waitFor(() => expect(groups).toEqual([[1], [2]]));
  results.push(add(3), add(4));
  await letGo();
  expect(await results[0]).toBe(10);
  await letGo();
  await letGo();
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  expect(groups).toEqual([[1], [2], [3, 4]]);
});

test("of one key there is one in a group, and the next of it comes in the next, in order", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit, { keyOf: (item: number) => String(item % 2) });
  const told = Promise.all([1, 3, 2, 5, 4].map(add));
  for (let count = 0; count < 3; count += 1) await letGo();
  expect(await told).toEqual([10, 30, 20, 50, 40]);
  expect(groups).toEqual([[1, 2], [3, 4], [5]]);
});

test("one that is left alone is committed by itself, and nobody waits for it", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(async (items: number[]) => {
    const results = await commit(items);
    return results.map((result, index) => (items[index] === 7 && items.length > 1 ? alone : result));
  });
  const [first, stubborn, third] = [6, 7, 8].map(add);
  await letGo();
  expect(await Promise.all([first, third])).toEqual([60, 80]);
  await vi.waitFor(() => expect(groups).toEqual([[6, 7, 8], [7]]));
  const later = add(9);
  await vi.waitFor(() => expect(groups).toEqual([[6, 7, 8], [7], [9]]));
  await letGo();
  expect(await stubborn).toBe(70);
  await letGo();
  expect(await later).toBe(90);
});

test("a result that is left out is an error for its owner alone", async () => {
  const add = groupCommit(async (items: number[]) => items.slice(0, 1));
  const told = await Promise.allSettled([1, 2].map(add));
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});
