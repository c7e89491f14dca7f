import type { Turn } from "#app/(workspace)/chat/_stream/create-turn.ts";

/**
 * Remembers the last turn whose start was not confirmed: no response arrived, so the server may have started
 * it. Sending the same again uses the same ids, so that it is answered and charged once.
 */
export function createUnconfirmedTurn<T = Turn>() {
  let kept: { key: string; turn: T } | null = null;
  return {
    /** Returns the turn of an equal request, or a new one. */
    take(request: readonly unknown[], create: () => T): T {
      const key = JSON.stringify(request);
      const turn = kept?.key === key ? kept.turn : create();
      kept = { key, turn };
      return turn;
    },
    /** The server has responded: an equal request is a new one. */
    confirm() {
      kept = null;
    },
  };
}
