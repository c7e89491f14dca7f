/** The file is not JSON, or a value in it is longer than allowed. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
  readonly reason: "malformed" | "too_large" | "unsupported" | "encrypted";

  constructor(reason: UnreadableFile["reason"]) {
    super(`The file is ${reason}.`);
    this.reason = reason;
  }
}

/**
 * Splits a JSON document, which may be larger than memory, into the texts of its elements: those of an array
 * at the top, or the one value. Only the structure is checked; `JSON.parse` checks the elements.
 * @param maxLength characters of one element
 * @throws UnreadableFile
 */
export async function* splitJson(
  chunks: AsyncIterable<string>,
  maxLength: number,
): AsyncGenerator<string, void> {
  const scanner = createScanner(maxLength);
  for await (const chunk of chunks) yield* scanner.add(chunk);
  scanner.end();
}

function createScanner(maxLength: number) {
  let element = "";
  let depth = 0;
  let isArray: boolean | undefined;
  let inString = false;
  let escaped = false;
  let isDone = false;

  /** Moves over one character of an element. */
  const step = (character: string): void => {
    if (inString) {
      if (escaped) escaped = false;
      else if (character === "\\") escaped = true;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
  };

  return {
    *add(chunk: string): Generator<string, void> {
      let start = 0;
      for (let index = 0; index < chunk.length; index += 1) {
        const character = chunk[index] ?? "";
        if (isArray === undefined) {
          if (/\s|\ufeff/.test(character)) {
            start = index + 1;
            continue;
          }
          isArray = character === "[";
          if (!isArray && character !== "{") throw new UnreadableFile("malformed");
          if (isArray) {
            depth = 1;
            start = index + 1;
            continue;
          }
        }
        if (isDone) {
          if (/\s/.test(character)) continue;
          throw new UnreadableFile("malformed");
        }
        const isSeparator = isArray && !inString && depth === 1 && (character === "," || character === "]");
        if (isSeparator) {
          const text = (element + chunk.slice(start, index)).trim();
          element = "";
          start = index + 1;
          if (character === "]") {
            depth = 0;
            isDone = true;
          }
          if (text !== "") yield text;
          continue;
        }
        step(character);
        if (depth < 0) throw new UnreadableFile("malformed");
        if (!isArray && depth === 0 && !inString) {
          const text = element + chunk.slice(start, index + 1);
          element = "";
          start = index + 1;
          isDone = true;
          yield text;
        }
      }
      if (!isDone) element += chunk.slice(start);
      if (element.length > maxLength) throw new UnreadableFile("too_large");
    },
    end(): void {
      if (!isDone) throw new UnreadableFile("malformed");
    },
  };
}
