import { randomBytes, randomFillSync } from "node:crypto";

/**
 * A UUID of version 7 (RFC 9562): time first, so that indexes grow at one end, then 74 random bits.
 * @param atMs milliseconds since 1970, by default now
 */
export function newId(atMs: number = Date.now()): string {
  const bytes = Buffer.from(takeRandom(16));
  bytes.writeUIntBE(atMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const pool = Buffer.alloc(4_096);
let taken = pool.length;

/** Random bytes from a pool that is filled now and then: asking the system for a few costs as much as asking for many. */
function takeRandom(count: number): Buffer {
  if (taken + count > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += count;
  return pool.subarray(taken - count, taken);
}

/** A secret for a link or a key: URL-safe text of `bytes` random bytes. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString("base64url");
}
