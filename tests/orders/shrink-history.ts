import type { History } from "#tests/orders/history.ts";

/**
 * Returns a shorter history that still fails, by leaving out single steps as long as that is possible.
 * @param fails plays a history and says whether it fails
 * @param maxPlays how many histories it may play
 */
export async function shrinkHistory(
  history: History,
  fails: (history: History) => Promise<boolean>,
  maxPlays: number,
): Promise<History> {
  let shortest = history;
  let plays = 0;
  for (let index = history.steps.length - 1; index >= 0 && plays < maxPlays; index -= 1) {
    const shorter = { ...history, steps: shortest.steps.toSpliced(index, 1) };
    plays += 1;
    if (shorter.steps.length > 0 && (await fails(shorter))) shortest = shorter;
  }
  return shortest;
}
