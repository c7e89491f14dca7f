import { expect, test, vi } from "vitest";
import { groupCommit } from "#lib/ground/group-commit.ts";

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

test("whoever comes alone is committed at once, and whoever comes meanwhile shares the next commit, in order", async () => {
  const { groups, commit, letGo } = gate();
  const add = groupCommit(commit);
  const results = [1, 2, 3].map(add);
  expect(groups).toEqual([[1]]);
  await letGo();
  expect(await results[0]).toBe(10);
  await letGo();
  expect(groups).toEqual([[1], [2, 3]]);
  expect(await Promise.all(results)).toEqual([10, 20, 30]);
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
  expect(groups).toEqual([[1], [2, 13, 4], [2], [13], [4]]);
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
  expect(groups).toEqual([1, 3, 3, 1]);
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
  const results = [1, 2, 3, 4].map(add);
  expect(groups).toEqual([[1], [2]]);
  await letGo();
  expect(await results[0]).toBe(10);
  await letGo();
  await letGo();
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  expect(groups).toEqual([[1], [2], [3, 4]]);
});
