import { readErrorBody } from "#lib/gateways/openai/error-body.ts";
import type { ByteSource } from "#lib/gateways/openai/http-stream.ts";
import { isObject } from "#lib/gateways/openai/json.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import { MalformedAnswer, toUpstreamError } from "#lib/gateways/openai/upstream-errors.ts";
import { readUsage, type TokenUsage } from "#lib/gateways/openai/usage.ts";

/**
 * A JSON response with a long list, such as embeddings. The list is passed on as it was received: parsing and
 * encoding thousands of vectors would block the process for a second.
 */
export type ListResponse = {
  target: Target;
  usage: TokenUsage | null;
  /** Returns the response's bytes, with another name in its field `model`. */
  toBytes(model: string): Buffer[];
};

const listName = "data";
/** The most bytes outside of the list. */
const maxOuterBytes = 256 * 1024;
const [quote, comma, backslash, openList, openObject] = [0x22, 0x2c, 0x5c, 0x5b, 0x7b];
const [closeList, closeObject, space] = [0x5d, 0x7d, 0x20];

/**
 * Reads a response whose field `data` is a list with at least one entry, a part at a time.
 * @throws MalformedAnswer, UpstreamError
 */
export async function readListResponse(
  target: Target,
  source: ByteSource,
  limitBytes: number,
): Promise<ListResponse> {
  const parts: Buffer[] = [];
  const scanner = createListScanner();
  let size = 0;
  for (let part = await source.read(); part !== null; part = await source.read()) {
    size += part.length;
    if (size > limitBytes) {
      source.close();
      throw new MalformedAnswer(`more than ${limitBytes} bytes`);
    }
    parts.push(part);
    scanner.push(part);
  }
  const { json, entries, model } = scanner.end();
  const error = readErrorBody(json);
  if (error !== null) throw toUpstreamError(error);
  if (!isObject(json)) throw new MalformedAnswer("a response that is not an object");
  if (entries === 0) throw new MalformedAnswer(`a response without ${listName}`);
  return { target, usage: readUsage(json), toBytes: (name) => replaceName(parts, model, name) };
}

/** A position in the bytes of all parts; the end is exclusive. */
type Range = { from: number; to: number };

/**
 * Scans a JSON object byte by byte and keeps everything but the entries of its list.
 * @returns `end`: the object with an empty list, the number of entries, and where the value of `model` is,
 *   without one where it belongs
 */
function createListScanner() {
  const outer: Buffer[] = [];
  let outerBytes = 0;
  let scanned = 0;
  let depth = 0;
  let [inString, isEscaped] = [false, false];
  /** The name and the value of the current field of the outermost object. */
  let name: string | null = null;
  let [textFrom, isName, inList, hasEntry, commas] = [0, false, false, false, 0];
  let model: Range | null = null;
  let textBytes: number[] = [];

  function keep(bytes: Buffer): void {
    outerBytes += bytes.length;
    if (outerBytes > maxOuterBytes) throw new MalformedAnswer(`more than ${maxOuterBytes} bytes of fields`);
    if (bytes.length > 0) outer.push(bytes);
  }

  /** Ends a text of the outermost object: the name of a field, or the value of `model`. */
  function endText(to: number): void {
    if (isName) name = Buffer.from(textBytes).toString();
    else if (name === "model") model = { from: textFrom, to };
    textBytes = [];
  }

  /** Reads a byte of a text. @returns whether the text ends with it */
  function readText(byte: number): boolean {
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else if (byte === quote) inString = false;
    return !inString;
  }

  function readOuter(byte: number, position: number): void {
    if (inString) {
      if (readText(byte)) {
        if (depth === 1) endText(position + 1);
      } else if (depth === 1 && isName && textBytes.length < 100) textBytes.push(byte);
      return;
    }
    if (byte === quote) {
      inString = true;
      if (depth === 1) textFrom = position;
    } else if (byte === openObject || byte === openList) {
      depth += 1;
      if (depth === 1) {
        isName = true;
        model = { from: position + 1, to: position + 1 };
      }
      inList = depth === 2 && byte === openList && name === listName;
    } else if (byte === closeObject || byte === closeList) depth -= 1;
    else if (depth === 1 && byte === comma) isName = true;
    else if (depth === 1 && byte === 0x3a) isName = false;
  }

  /** Skips entries of the list from `at` on. @returns where its closing bracket or the part's end is */
  function skipEntries(bytes: Buffer, at: number): number {
    let index = at;
    for (; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (inString) {
        readText(byte);
        continue;
      }
      // Digits, points, minus signs and letters up to Z: nearly all bytes of vectors.
      if (byte > comma && byte < openList && depth > 2) continue;
      if (byte === comma) commas += depth === 2 ? 1 : 0;
      else if (byte === quote) {
        inString = true;
        hasEntry = true;
      } else if (byte === openList || byte === openObject) {
        depth += 1;
        hasEntry = true;
      } else if (byte === closeList || byte === closeObject) {
        if (depth === 2) return index;
        depth -= 1;
      } else if (byte > space) hasEntry = true;
    }
    return index;
  }

  return {
    push(bytes: Buffer): void {
      let keptFrom = 0;
      let index = 0;
      while (index < bytes.length) {
        if (inList) {
          keep(bytes.subarray(keptFrom, index));
          index = skipEntries(bytes, index);
          keptFrom = index;
          if (index === bytes.length) break;
          inList = false;
        }
        readOuter(bytes[index] ?? 0, scanned + index);
        index += 1;
      }
      keep(bytes.subarray(keptFrom));
      scanned += bytes.length;
    },
    end(): { json: unknown; entries: number; model: Range } {
      let json: unknown;
      try {
        json = JSON.parse(
          Buffer.concat(outer)
            .toString()
            .replace(/^\uFEFF/, ""),
        );
      } catch {
        throw new MalformedAnswer(`${scanned} bytes that are not JSON`);
      }
      // An object has a brace, behind which the range is until the field is found.
      return { json, entries: hasEntry ? commas + 1 : 0, model: model ?? { from: 0, to: 0 } };
    },
  };
}

/** Returns the parts with a name as the value of `model`, or with the field if there is none. */
function replaceName(parts: readonly Buffer[], { from, to }: Range, name: string): Buffer[] {
  const value = JSON.stringify(name);
  const inserted = Buffer.from(from === to ? `"model":${value},` : value);
  const before = cut(parts, 0, from);
  return [...before, inserted, ...cut(parts, to, Number.POSITIVE_INFINITY)];
}

/** Returns the bytes between two positions, without copying them. */
function cut(parts: readonly Buffer[], from: number, to: number): Buffer[] {
  let start = 0;
  return parts.flatMap((part) => {
    const piece = part.subarray(Math.max(0, from - start), Math.max(0, Math.min(part.length, to - start)));
    start += part.length;
    return piece.length === 0 ? [] : [piece];
  });
}
