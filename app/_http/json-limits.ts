import { AppError } from "#lib/core/errors.ts";

/** The deepest nesting of arrays and objects in a JSON body. */
const maxDepth = 64;
/** The most values (array elements and object fields) in a JSON body, unless a route allows more. */
const defaultMaxValues = 100_000;

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Checks nesting and number of values of JSON text before it is parsed, in one pass without recursion and
 * without allocation. The JSON may be malformed; `JSON.parse` reports that. UTF-8 has these ASCII bytes only
 * for these characters, so the bytes need not be decoded.
 * @throws AppError `bad_request`
 */
export function checkJsonLimits(bytes: Uint8Array, maxValues = defaultMaxValues): void {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === quote) index = endOfString(bytes, index);
    else if (byte === comma) values += 1;
    else if (byte === openBracket || byte === openBrace) {
      depth += 1;
      values += 1;
      if (depth > maxDepth)
        throw new AppError("bad_request", { message: `The JSON is nested deeper than ${maxDepth} levels.` });
    } else if (byte === closeBracket || byte === closeBrace) depth -= 1;
    if (values > maxValues)
      throw new AppError("bad_request", { message: `The JSON has more than ${maxValues} values.` });
  }
}

/** Returns the index of the closing quote of the string that begins at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
  return index;
}
