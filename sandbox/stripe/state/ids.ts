import { randomBytes } from "node:crypto";

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An id of Stripe's make: prefix, underscore, letters and figures. */
export function newStripeId(prefix: string, length = 24): string {
  return `${prefix}_${randomLetters(length)}`;
}

/** Letters and figures that nobody guesses. */
export function randomLetters(length: number): string {
  return [...randomBytes(length)].map((byte) => letters[byte % letters.length]).join("");
}

/** The id in a field that holds either an id or the expanded object. */
export function idOf(ref: string | { id: string }): string {
  return typeof ref === "string" ? ref : ref.id;
}

/** Like `idOf`, where the field may be empty. */
export function idOrNull(ref: string | { id: string } | null | undefined): string | null {
  return ref === null || ref === undefined ? null : idOf(ref);
}
