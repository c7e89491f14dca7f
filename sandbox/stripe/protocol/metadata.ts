import { invalid } from "#sandbox/stripe/protocol/failure.ts";

const mostKeys = 50;

/** Stripe's merge of metadata: given keys are set, keys given empty are removed, null removes all, undefined keeps. Throws for more than 50 keys. */
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

/** The fields of an object that are not undefined. */
type Given<T> = { [K in keyof T]?: NonNullable<T[K]> | (T[K] & null) };

/** An object without its undefined fields, so that it can be laid over a complete one. */
export function given<T extends object>(fields: T): Given<T> {
  const kept: Given<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}
