import { createHash } from "node:crypto";

/** The hash of the token in the emailed link of an archive; only the hash is stored. */
export function hashExportToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
