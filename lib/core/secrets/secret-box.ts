import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { authSecrets } from "#lib/core/env.ts";

const algorithm = "aes-256-gcm";

/**
 * Encrypts a secret for the database with AES-256-GCM and a key derived from AUTH_SECRET.
 * @param context what the secret belongs to, such as a table and a user's id; decryption needs the same text,
 *   so a value that was copied to another row cannot be read
 */
export function encryptSecret(secret: string, context: string): string {
  const [newest = ""] = authSecrets();
  const iv = randomBytes(12);
  const cipher = createCipheriv(algorithm, deriveKey(newest), iv).setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString("base64url");
}

/**
 * Decrypts a stored secret with the current AUTH_SECRET or the previous one.
 * @throws Error if neither secret encrypted it for this context
 */
export function decryptSecret(stored: string, context: string): string {
  for (const secret of authSecrets()) {
    const decrypted = tryDecrypt(Buffer.from(stored, "base64url"), context, secret);
    if (decrypted !== null) return decrypted;
  }
  throw new Error("A stored secret was encrypted with an unknown AUTH_SECRET. Set AUTH_SECRET_PREVIOUS.");
}

function tryDecrypt(bytes: Buffer, context: string, secret: string): string | null {
  try {
    const decipher = createDecipheriv(algorithm, deriveKey(secret), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

function deriveKey(secret: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", "parley stored secrets", 32));
}
