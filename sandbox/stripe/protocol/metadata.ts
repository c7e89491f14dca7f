import { invalid } from "#sandbox/stripe/protocol/failure.ts";

const mostKeys = 50;

/**
 * Merges metadata as Stripe does: values set keys, empty values remove keys, null removes all keys, undefined
 * changes nothing. Throws for more than 50 keys.
 */
export function mergeMetadata(
  present: Record<string, string>,
  given: Record<string, string> | null | undefined,
): Record<string, string> {
  if (given === undefined) return present;
  if (given === null) return {};
  const merged = Object.entries({ ...present, ...given }).filter(([, value]) => value !== "");
  if (merged.length <= mostKeys) return Object.fromEntries(merged);
  throw invalid(
    `Metadata can have up to ${mostKeys} keys, but you passed in ${merged.length} keys.`,
    "metadata",
  );
}

/** The defined fields of an object. */
type Given<T> = { [K in keyof T]?: NonNullable<T[K]> | (T[K] & null) };

/** Returns an object without undefined fields, for merging into a complete object. */
export function given<T extends object>(fields: T): Given<T> {
  const defined: Given<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) defined[key] = value;
  }
  return defined;
}
