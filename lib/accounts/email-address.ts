import { createHash } from "node:crypto";
import { z } from "zod";
import { fieldKey } from "#lib/core/errors.ts";

/** Parses an email address to its stored form: trimmed, in lower case. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email(fieldKey("emailInvalid")));

/** Hashes an address for keys of rate limits and emails, so that the keys contain no personal data. */
export function addressDigest(email: string): string {
  return createHash("sha256").update(email).digest("base64url").slice(0, 22);
}

/** Derives a display name from the local part of an address. */
export function nameFromAddress(email: string): string {
  const local = email.split("@")[0]?.split("+")[0] ?? "";
  const words = local.split(/[._-]+/).filter((word) => word !== "");
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
  return name === "" ? email : name.slice(0, 80);
}

/** Providers that ignore dots before the @. */
const dotlessDomains = new Set(["gmail.com", "googlemail.com"]);

/**
 * Hashes an email address so that one mailbox has one hash, however its address is written. Text after a plus
 * is ignored for every provider; dots are ignored for Gmail, which has two domains. Trials and free
 * credit are counted by it.
 */
export function mailboxHash(email: string): string {
  const [local = "", domain = ""] = email.trim().toLowerCase().split("@");
  const name = local.split("+")[0] ?? "";
  const mailbox = dotlessDomains.has(domain) ? `${name.replaceAll(".", "")}@gmail.com` : `${name}@${domain}`;
  return createHash("sha256").update(mailbox).digest("hex");
}
