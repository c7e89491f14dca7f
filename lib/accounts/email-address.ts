import { createHash } from "node:crypto";
import { z } from "zod";

/** An e-mail address as it is stored and compared: trimmed, in lower case. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "This address is too long.")
  .pipe(z.email("Enter an e-mail address, like name@example.com."));

/** Stands for an address in keys that others may read (rate limits, letters), so that these name nobody. */
export function addressDigest(email: string): string {
  return createHash("sha256").update(email).digest("base64url").slice(0, 22);
}

/** A first name for somebody who gave none: what stands before the @, made readable. */
export function nameFromAddress(email: string): string {
  const local = email.split("@")[0]?.split("+")[0] ?? "";
  const words = local.split(/[._-]+/).filter((word) => word !== "");
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
  return name === "" ? email : name.slice(0, 80);
}
