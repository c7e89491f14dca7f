/** Why a value from outside is refused; `path` is dotted, and empty for the value itself. */
export type UnsafeValue = { path: string; message: string };

/** The deepest nesting of arrays and objects. */
const maxDepth = 64;
const firstYear = 1970;
const lastYear = 9_999;

type Container = Record<string, unknown>;
type Entry = { value: Container; depth: number; parent: Entry | null; key: string };

/**
 * Returns the first part of a value from outside that PostgreSQL, UTF-8 or a calendar cannot hold, or null if
 * there is none: a text with a NUL character or an unpaired surrogate (field names too), a date outside of
 * 1970 to 9999, or nesting deeper than 64 levels. Shared and circular references are visited once. Numbers
 * cost no allocation, so that a list of 300,000 takes a few milliseconds.
 */
export function findUnsafeValue(root: unknown): UnsafeValue | null {
  const problem = problemOf(root);
  if (problem !== null) return { path: "", message: problem };
  if (!isContainer(root)) return null;
  const visited = new Set<object>([root]);
  const stack: Entry[] = [{ value: root, depth: 0, parent: null, key: "" }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    if (entry.depth >= maxDepth)
      return { path: pathOf(entry), message: `Nested deeper than ${maxDepth} levels.` };
    const { value: container, depth } = entry;
    const keys = Array.isArray(container) ? null : Object.keys(container);
    const length = keys?.length ?? Number(container.length);
    for (let index = 0; index < length; index++) {
      const key = keys?.[index] ?? index;
      const value = container[key];
      if (keys === null && typeof value === "number") continue;
      const message = problemOf(value) ?? (keys === null ? null : problemOf(key));
      const isNew = isContainer(value) && !visited.has(value);
      if (message === null && !isNew) continue;
      const child = { value: isNew ? value : {}, depth: depth + 1, parent: entry, key: String(key) };
      if (message !== null) return { path: pathOf(child), message };
      visited.add(child.value);
      stack.push(child);
    }
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

/** Whether a value is an array or a plain object, which may be read by its own keys. */
function isContainer(value: unknown): value is Container {
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
