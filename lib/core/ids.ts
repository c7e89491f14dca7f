import { randomBytes, randomFillSync } from "node:crypto";

/**
 * A version 7 UUID (RFC 9562): a timestamp, so that indexes grow at one end, and 74 random bits.
 * @param atMs Unix time in milliseconds
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
let used = pool.length;

/** Takes random bytes from a pool, because a system call for 16 bytes costs as much as one for 4,096. */
function takeRandom(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

/** A random secret for a link or key, encoded as base64url. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString("base64url");
}
