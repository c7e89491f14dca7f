/** Why a value from outside is refused; `path` is dotted, and empty for the value itself. */
export type UnsafeValue = { path: string; message: string };

/** The deepest nesting of arrays and objects. */
const maxDepth = 64;
const firstYear = 1970;
const lastYear = 9_999;

type Entry = { value: unknown; depth: number; parent: Entry | null; key: string };

/**
 * Returns the first part of a value from outside that PostgreSQL, UTF-8 or a calendar cannot hold, or null if
 * there is none: a text with a NUL character or an unpaired surrogate (field names too), a date outside of
 * 1970 to 9999, or nesting deeper than 64 levels. Shared and circular references are visited once.
 */
export function findUnsafeValue(root: unknown): UnsafeValue | null {
  const stack: Entry[] = [{ value: root, depth: 0, parent: null, key: "" }];
  const visited = new Set<object>();
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const message = problemOf(entry.value) ?? problemOf(entry.key);
    if (message !== null) return { path: pathOf(entry), message };
    const { value, depth } = entry;
    if (!isContainer(value) || visited.has(value)) continue;
    if (depth >= maxDepth) return { path: pathOf(entry), message: `Nested deeper than ${maxDepth} levels.` };
    visited.add(value);
    // Arrays and plain objects may be read by their own keys.
    for (const key of Object.keys(value))
      stack.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1, parent: entry, key });
  }
  return null;
}

function problemOf(value: unknown): string | null {
  if (typeof value === "string") {
    if (value.includes("\0")) return "Contains a NUL character.";
    return value.isWellFormed() ? null : "Contains a broken character (an unpaired surrogate).";
  }
  if (!(value instanceof Date)) return null;
  const year = value.getUTCFullYear();
  return year >= firstYear && year <= lastYear ? null : "This date is out of range.";
}

function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The dotted path, with characters that cannot be printed replaced. */
function pathOf(entry: Entry): string {
  const keys: string[] = [];
  for (let at: Entry | null = entry; at !== null && at.parent !== null; at = at.parent) keys.unshift(at.key);
  return keys.slice(0, 8).join(".").replaceAll("\0", "\u{fffd}").toWellFormed().slice(0, 200);
}
