import { isObject } from "#lib/gateways/openai/json.ts";

/**
 * Gives the tool calls of a stream the indexes by which clients join their parts. Ollama and servers built on
 * it leave the index out, or send zero for each call.
 */
export function createToolIndexes() {
  /** The id of the call at each index. */
  const ids: string[] = [];
  /** The index that the upstream used for the last call, and the index that it has now. */
  let last = { sent: 0, actual: 0 };

  function indexOf(sent: number | null, id: string | null, isNamed: boolean): number {
    if (id !== null) {
      const known = ids.indexOf(id);
      if (known !== -1) return known;
      const isTaken = sent === null || (ids[sent] !== undefined && isNamed);
      if (!isTaken) return sent;
      return ids.length;
    }
    return sent === null || sent === last.sent ? last.actual : sent;
  }

  return {
    /** Sets the indexes of the calls in a chunk; true if one changed. */
    apply(calls: unknown): boolean {
      if (!Array.isArray(calls)) return false;
      let isChanged = false;
      for (const call of calls) {
        if (!isObject(call)) continue;
        const sent = typeof call.index === "number" ? call.index : null;
        const id = typeof call.id === "string" && call.id !== "" ? call.id : null;
        const isNamed =
          isObject(call.function) && typeof call.function.name === "string" && call.function.name !== "";
        const actual = indexOf(sent, id, isNamed);
        if (id !== null) ids[actual] ??= id;
        if (id !== null || sent !== null) last = { sent: sent ?? actual, actual };
        if (call.index === actual) continue;
        call.index = actual;
        isChanged = true;
      }
      return isChanged;
    },
  };
}
