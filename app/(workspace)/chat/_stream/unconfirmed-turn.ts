import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

/**
 * Remembers the last turn whose start was not confirmed: no response arrived, so the server may have started
 * it. Sending the same again uses the same ids, so that it is answered and charged once.
 * @param answerIdOf returns the id of an answer of a turn
 */
export function createUnconfirmedTurn<T>(answerIdOf: (turn: T) => string | undefined) {
  let kept: { key: string; turn: T; isGivenUp: boolean } | null = null;
  return {
    /** Returns the turn of an equal request, or a new one. */
    take(request: readonly unknown[], create: () => T): T {
      const key = JSON.stringify(request);
      const turn = kept?.key === key ? kept.turn : create();
      kept = { key, turn, isGivenUp: false };
      return turn;
    },
    /** No response arrived, and the turn is no longer shown. */
    giveUp() {
      if (kept !== null) kept.isGivenUp = true;
    },
    /** Whether the messages of the server contain the turn that was given up: it had arrived. */
    hasArrived(messages: readonly ClientMessage[]): boolean {
      if (kept === null || !kept.isGivenUp) return false;
      const answerId = answerIdOf(kept.turn);
      return messages.some(({ id }) => id === answerId);
    },
    /** The server has responded: an equal request is a new one. */
    confirm() {
      kept = null;
    },
  };
}
