import { createHash } from "node:crypto";

/** Derives a UUID from a name: version 8 of RFC 9562, which allows custom content. */
export function stableId(...name: (string | number)[]): string {
  const bytes = createHash("sha256")
    .update(`parley seed:${name.join(":")}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Creates a pseudo-random generator of numbers from 0 to 1, seeded with the name. */
export function createRandom(name: string): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${name}:${count++}`).digest().readUInt32BE(0) / 2 ** 32;
}
