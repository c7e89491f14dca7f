import type { Json } from "#lib/gateways/openai/json.ts";
import { putBack, type SetAside } from "#lib/gateways/openai/set-aside.ts";

/** How chunks are passed on to a client. */
export type Forwarding = {
  /** The model that the client requested; chunks of the upstream may name another one. */
  model: string;
  /** Whether the client requested usage; the chunk that contains only usage is omitted otherwise. */
  usage: boolean;
};

/**
 * Collects the chunks to pass on. The upstream's bytes are used wherever nothing in them changes; another
 * model's name is replaced within them, without encoding the chunk again.
 */
export function createForwarder({ model, usage }: Forwarding) {
  let parts: Buffer[] = [];
  const renaming = createRenaming(model);

  /** Adds bytes, and joins them with the last part where they are adjacent in memory. */
  function add(bytes: Buffer): void {
    const last = parts.at(-1);
    const isAdjacent =
      last !== undefined &&
      last.buffer === bytes.buffer &&
      last.byteOffset + last.length === bytes.byteOffset;
    if (isAdjacent)
      parts[parts.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
    else parts.push(bytes);
  }

  return {
    /** Passes bytes without a chunk: a comment. */
    pass: add,
    /**
     * @param bytes the event of the chunk; null if the chunk was changed and has to be encoded
     * @param aside what `chunk` has marks for
     */
    forward(chunk: Json, bytes: Buffer | null, aside: SetAside | null): void {
      const isUsageOnly = Array.isArray(chunk.choices) && chunk.choices.length === 0;
      if (isUsageOnly && !usage) return;
      const isSame = chunk.model === undefined || chunk.model === model;
      const same = isSame && bytes !== null ? [bytes] : null;
      const renamed = isSame || bytes === null ? same : renaming.apply(bytes, chunk.model);
      for (const part of renamed ?? [encodeWith({ ...chunk, model }, aside)]) add(part);
    },
    /** Returns what was collected since the last call. */
    take(): Buffer | null {
      const [first] = parts;
      const taken = parts.length > 1 ? Buffer.concat(parts) : (first ?? null);
      parts = [];
      return taken;
    },
  };
}

/** Encodes a chunk as a server-sent event. */
export function encodeEvent(chunk: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
}

/** Encodes a chunk with what was set aside. Its line breaks, which end a line of the event, become spaces. */
function encodeWith(chunk: object, aside: SetAside | null): Buffer {
  const event = encodeEvent(chunk);
  if (aside === null) return event;
  const oneLine = (value: Buffer) => {
    const hasBreak = value.includes("\n") || value.includes("\r");
    return hasBreak ? Buffer.from(value.toString("utf8").replace(/[\r\n]+(data:)?/g, " ")) : value;
  };
  return Buffer.concat(putBack(event.toString("utf8"), { ...aside, values: aside.values.map(oneLine) }));
}

/** Replaces the name of the model in the bytes of an event. */
function createRenaming(model: string) {
  const replacement = Buffer.from(`"model":${JSON.stringify(model)}`);
  let from: unknown;
  let needles: Buffer[] = [];
  return {
    /**
     * Inside a JSON text, quotation marks are escaped, so the bytes are found only where they are a field.
     * @returns the new parts; null if the name was not found in a known notation
     */
    apply(bytes: Buffer, name: unknown): Buffer[] | null {
      if (name !== from) {
        from = name;
        needles = ['"model":', '"model": '].map((key) => Buffer.from(key + JSON.stringify(name)));
      }
      for (const needle of needles) {
        const at = bytes.indexOf(needle);
        if (at !== -1) return [bytes.subarray(0, at), replacement, bytes.subarray(at + needle.length)];
      }
      return null;
    },
  };
}
