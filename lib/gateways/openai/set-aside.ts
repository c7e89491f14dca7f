import { newId } from "#lib/core/ids.ts";
import { MalformedAnswer } from "#lib/gateways/openai/upstream-errors.ts";

/**
 * Values of a JSON text that are passed on as they were received. Parsing and encoding the log probabilities
 * of a long answer (twenty alternatives for each token) would block the process for seconds.
 */
export type SetAside = {
  /** Begins the strings that stand for the values; nobody can know it in advance. */
  mark: string;
  values: Buffer[];
};

/** Below this size, a text is parsed as a whole: that takes a few milliseconds. */
export const setAsideFromBytes = 256 * 1024;
const stepBytes = 512 * 1024;

const field = Buffer.from('"logprobs"');
const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];

export type Shortened = { json: Buffer; aside: SetAside | null };

/** Replaces each object in a field "logprobs" of a text that arrives in parts by a string. */
export type Shortener = {
  /**
   * Reads what was not read yet.
   * @param bytes all bytes of the text so far
   */
  advance(bytes: Buffer): void;
  /**
   * Returns the text to parse, and what was taken out of it; null if nothing was.
   * @throws MalformedAnswer when an object does not end
   */
  end(bytes: Buffer): Shortened;
};

/**
 * Creates a shortener. Quotation marks within JSON strings are escaped, so the field's name is found only
 * where it is a name or a whole string.
 */
export function createShortener(): Shortener {
  const aside: SetAside = { mark: newId(), values: [] };
  const kept: Buffer[] = [];
  const state = { at: 0, depth: 0, inString: false };
  let keptTo = 0;
  /** Where the object begins that is being read; -1 outside. */
  let begin = -1;

  function advance(bytes: Buffer): void {
    while (begin !== -1 || findNext(bytes)) {
      if (!skipObject(bytes, state)) return;
      kept.push(bytes.subarray(keptTo, begin), Buffer.from(`"${aside.mark}:${aside.values.length}"`));
      aside.values.push(bytes.subarray(begin, state.at));
      keptTo = state.at;
      begin = -1;
    }
  }

  /** Finds the next object to take out; false if there is none yet. */
  function findNext(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(field, state.at); at !== -1; at = bytes.indexOf(field, state.at)) {
      const colonAt = skipSpace(bytes, at + field.length);
      const valueAt = skipSpace(bytes, colonAt + 1);
      if (valueAt >= bytes.length) {
        state.at = at;
        return false;
      }
      state.at = valueAt;
      if (bytes[colonAt] !== colon || bytes[valueAt] !== openObject) continue;
      begin = valueAt;
      return true;
    }
    // The name may have arrived in part.
    state.at = Math.max(state.at, bytes.length - field.length);
    return false;
  }

  return {
    advance,
    end(bytes) {
      advance(bytes);
      if (begin !== -1) throw new MalformedAnswer(`${bytes.length} bytes that are not JSON`);
      if (aside.values.length === 0) return { json: bytes, aside: null };
      return { json: Buffer.concat([...kept, bytes.subarray(keptTo)]), aside };
    },
  };
}

/** Shortens a text that is complete; yields after every half a megabyte. */
export function* shortenInSteps(bytes: Buffer): Generator<void, Shortened> {
  const shortener = createShortener();
  for (let to = stepBytes; to < bytes.length; to += stepBytes) {
    shortener.advance(bytes.subarray(0, to));
    yield;
  }
  return shortener.end(bytes);
}

/** Returns the parts of an encoded value with what was set aside in its place. */
export function putBack(json: string, { mark, values }: SetAside): Buffer[] {
  // The second of each pair is the index, which the pattern captures.
  return json
    .split(new RegExp(`"${mark}:(\\d+)"`))
    .map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : values[Number(piece)]))
    .filter((piece) => piece !== undefined);
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return at;
}

type Position = { at: number; depth: number; inString: boolean };

/**
 * Reads an object on, in plain variables, because this runs for each byte.
 * @returns whether it has ended; `state.at` is behind it then
 */
function skipObject(bytes: Buffer, state: Position): boolean {
  let { at, depth, inString } = state;
  let hasEnded = false;
  for (; at < bytes.length && !hasEnded; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inString) {
      if (byte === quote && !isEscaped(bytes, at)) inString = false;
    } else if (byte < openList) {
      // Digits, commas, colons and white space are nearly all bytes outside of strings.
      if (byte === quote) inString = true;
    } else if (byte === openObject || byte === openList) depth += 1;
    else if (byte === closeObject || byte === closeList) {
      depth -= 1;
      hasEnded = depth === 0;
    }
  }
  Object.assign(state, { at, depth, inString });
  return hasEnded;
}

/** Whether an odd number of backslashes precedes. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let count = 0;
  while (bytes[at - 1 - count] === backslash) count += 1;
  return count % 2 === 1;
}
