import type { Step } from "#tests/orders/history.ts";

/**
 * Returns a shorter history that still fails, by leaving out single steps as long as that is possible.
 * @param fails plays a history and says whether it fails
 * @param maxPlays how many histories it may play
 */
export async function shrinkHistory(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  maxPlays: number,
): Promise<readonly Step[]> {
  let shortest = steps;
  let plays = 0;
  for (let index = shortest.length - 1; index >= 0 && plays < maxPlays; index -= 1) {
    const shorter = shortest.toSpliced(index, 1);
    plays += 1;
    if (shorter.length > 0 && (await fails(shorter))) shortest = shorter;
  }
  return shortest;
}
