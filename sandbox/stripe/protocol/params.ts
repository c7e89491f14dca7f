import Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";

/** Reads one parameter; undefined if it was not sent. Throws Stripe's error for an invalid value. */
export type Reader<T> = (node: Node | undefined, path: string) => T;
/** Maximum lengths of metadata keys and values, in characters. */
const longestKey = 40;
const longestValue = 500;
export type Range = { gt?: number; gte?: number; lt?: number; lte?: number };
/** One reader per parameter. */
type Readers<V> = { [K in keyof V]: Reader<V[K]> };

export function text(): Reader<string | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node !== "string") throw invalid(`Invalid string: ${JSON.stringify(node)}`, path);
    if (node === "") {
      throw invalid(
        `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset.`,
        path,
        "parameter_invalid_empty",
      );
    }
    return node;
  };
}

export function whole(): Reader<number | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node !== "string" || !/^-?\d{1,15}$/.test(node)) {
      throw invalid(`Invalid integer: ${shown(node)}`, path, "parameter_invalid_integer");
    }
    return Number(node);
  };
}

/** Reads a non-negative integer. */
export function count(): Reader<number | undefined> {
  return (node, path) => {
    const number = whole()(node, path);
    if (number === undefined || number >= 0) return number;
    throw invalid("Invalid non-negative integer", path, "parameter_invalid_integer");
  };
}

/** Reads a decimal number and keeps its digits. */
export function decimal(): Reader<Stripe.Decimal | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node !== "string" || !/^-?\d{1,15}(\.\d{1,12})?$/.test(node)) {
      throw invalid(`Invalid decimal: ${shown(node)}`, path, "parameter_invalid_decimal");
    }
    return Stripe.Decimal.from(node);
  };
}

/** Tries the first reader, then the second, for example `"now"` or a timestamp. */
export function either<A, B>(first: Reader<A>, second: Reader<B>): Reader<A | B> {
  return (node, path) => {
    try {
      return first(node, path);
    } catch {
      return second(node, path);
    }
  };
}

export function flag(): Reader<boolean | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (node !== "true" && node !== "false") throw invalid(`Invalid boolean: ${shown(node)}`, path);
    return node === "true";
  };
}

export function oneOf<const T extends string>(...allowed: T[]): Reader<T | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    const found = allowed.find((value) => value === node);
    if (found === undefined) {
      throw invalid(`Invalid ${path}: must be one of ${allowed.join(", or ")}`, path);
    }
    return found;
  };
}

export function list<T>(item: Reader<T>): Reader<NonNullable<T>[] | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node === "string") throw invalid("Invalid array", path);
    return Object.entries(node)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([key, child]) => item(child, `${path}[${key}]`))
      .filter((value) => value !== undefined && value !== null);
  };
}

/**
 * Reads string pairs with any keys. An empty value removes its key; an empty object removes all keys (null).
 */
export function freePairs(): Reader<Record<string, string> | null | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (node === "") return null;
    if (typeof node === "string") throw invalid("Invalid object", path);
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => {
        if (typeof child !== "string") throw invalid("Metadata values must be strings", `${path}[${key}]`);
        return [key, child];
      }),
    );
  };
}

/** Reads metadata within Stripe's length limits. The number of keys is checked when metadata is merged. */
export function pairs(): Reader<Record<string, string> | null | undefined> {
  return (node, path) => {
    const read = freePairs()(node, path);
    for (const [key, value] of Object.entries(read ?? {})) assertPair(key, value, `${path}[${key}]`);
    return read;
  };
}

function assertPair(key: string, value: string, path: string): void {
  if (key.length > longestKey) {
    throw invalid(
      `Metadata keys can have up to ${longestKey} characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`,
      path,
    );
  }
  if (/[[\]]/.test(key))
    throw invalid(`Metadata keys cannot contain square brackets. Invalid key: ${key}`, path);
  if (value.length <= longestValue) return;
  throw invalid(
    `Metadata values can have up to ${longestValue} characters, but you passed in a value that is ${value.length} characters. Invalid value: ${value}`,
    path,
  );
}

/** Reads values under names that the caller chooses, such as currencies. */
export function byName<T>(inner: Reader<T>): Reader<Record<string, NonNullable<T>> | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node === "string") throw invalid("Invalid object", path);
    const read = Object.entries(node).map(
      ([name, child]) => [name, required(inner)(child, `${path}[${name}]`)] as const,
    );
    return Object.fromEntries(read);
  };
}

/** Reads an empty string as null, which clears the field. */
export function clearable<T>(inner: Reader<T>): Reader<T | null> {
  return (node, path) => (node === "" ? null : inner(node, path));
}

export function required<T>(inner: Reader<T>): Reader<NonNullable<T>> {
  return (node, path) => {
    const value = inner(node, path);
    if (value === undefined || value === null) {
      throw invalid(`Missing required param: ${path}.`, path, "parameter_missing");
    }
    return value;
  };
}

/** Reads a timestamp or a range of timestamps (seconds), for filters such as `created`. */
export function range(): Reader<Range | undefined> {
  const bounds = object({ gt: whole(), gte: whole(), lt: whole(), lte: whole() });
  return (node, path) => {
    if (typeof node === "string") {
      const exact = whole()(node, path) ?? 0;
      return { gte: exact, lte: exact };
    }
    const read = bounds(node, path);
    if (!read) return undefined;
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  };
}

/** Reads a nested object with known keys; an unknown key is `parameter_unknown`. */
export function object<V extends object>(fields: Readers<V>): Reader<V | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node === "string") throw invalid("Invalid object", path);
    return readFields(fields, node, path);
  };
}

/**
 * Reads the parameters of one endpoint. The compiler checks the keys against the SDK's type of the call, so
 * the sandbox cannot accept a parameter that Stripe does not have.
 */
export function paramsOf<P>() {
  return <V extends { [K in keyof V]: K extends keyof P ? unknown : never }>(fields: Readers<V>) =>
    (node: { [key: string]: Node }): V =>
      readFields(fields, node, "");
}

/** Whether a timestamp lies in a range; an undefined range contains every timestamp. */
export function inRange(at: number, wanted: Range | undefined): boolean {
  if (!wanted) return true;
  const { gt, gte, lt, lte } = wanted;
  return (
    (gt === undefined || at > gt) &&
    (gte === undefined || at >= gte) &&
    (lt === undefined || at < lt) &&
    (lte === undefined || at <= lte)
  );
}

function readFields<V extends object>(fields: Readers<V>, node: { [key: string]: Node }, path: string): V {
  const nameOf = (key: string) => (path ? `${path}[${key}]` : key);
  for (const key of Object.keys(node)) {
    if (Object.hasOwn(fields, key)) continue;
    throw invalid(`Received unknown parameter: ${nameOf(key)}`, nameOf(key), "parameter_unknown");
  }
  const read: Partial<V> = {};
  for (const key in fields) read[key] = fields[key](node[key], nameOf(key));
  if (isComplete(fields, read)) return read;
  throw new Error(`not every parameter of ${path || "the call"} was read`);
}

/** Whether every field was read; each value then has its reader's type. */
function isComplete<V extends object>(fields: Readers<V>, read: Partial<V>): read is V {
  return Object.keys(fields).every((key) => Object.hasOwn(read, key));
}

function shown(node: Node): string {
  return typeof node === "string" ? node : JSON.stringify(node);
}
