import { randomBytes } from "node:crypto";

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Creates an id in Stripe's format: prefix, underscore, letters and digits. */
export function newStripeId(prefix: string, length = 24): string {
  return `${prefix}_${randomLetters(length)}`;
}

/** Random letters and digits from a secure source. */
export function randomLetters(length: number): string {
  return [...randomBytes(length)].map((byte) => letters[byte % letters.length]).join("");
}

/** The id of a field that holds an id or an expanded object. */
export function idOf(ref: string | { id: string }): string {
  return typeof ref === "string" ? ref : ref.id;
}

/** Like `stableId`, for fields that may be empty. */
export function idOrNull(ref: string | { id: string } | null | undefined): string | null {
  return ref === null || ref === undefined ? null : idOf(ref);
}
