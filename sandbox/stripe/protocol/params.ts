import Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";

/** Reads one parameter out of the form; `undefined` when it was not sent. Throws Stripe's own error for a bad one. */
export type Reader<T> = (node: Node | undefined, path: string) => T;
/** The longest key and value of metadata, in characters. */
const longestKey = 40;
const longestValue = 500;
export type Range = { gt?: number; gte?: number; lt?: number; lte?: number };
/** A reader for each parameter of an object of values. */
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

/** How many of something: a whole number, none or more. */
export function count(): Reader<number | undefined> {
  return (node, path) => {
    const number = whole()(node, path);
    if (number === undefined || number >= 0) return number;
    throw invalid("Invalid non-negative integer", path, "parameter_invalid_integer");
  };
}

/** A number with as many places as it was written with. */
export function decimal(): Reader<Stripe.Decimal | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node !== "string" || !/^-?\d{1,15}(\.\d{1,12})?$/.test(node)) {
      throw invalid(`Invalid decimal: ${shown(node)}`, path, "parameter_invalid_decimal");
    }
    return Stripe.Decimal.from(node);
  };
}

/** What the first reader takes, or else what the second does: `"now"` or a moment. */
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

/** Free pairs of strings. An empty value means "remove this key", an empty whole means "remove all" (null). */
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

/** Metadata: free pairs within Stripe's limits of length. How many there may be is counted where they are merged. */
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

/** Values under names that the caller chooses (currencies). */
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

/** An empty string unsets: read as null. */
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

/** A moment or a range of moments, in seconds, for filters such as `created`. */
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

/** A nested object whose keys are all known; an unknown one is `parameter_unknown`. */
export function object<V extends object>(fields: Readers<V>): Reader<V | undefined> {
  return (node, path) => {
    if (node === undefined) return undefined;
    if (typeof node === "string") throw invalid("Invalid object", path);
    return readFields(fields, node, path);
  };
}

/**
 * The parameters of one endpoint. The keys are checked against the SDK's own type of that call, so that a
 * parameter Stripe does not have cannot be offered by mistake.
 */
export function paramsOf<P>() {
  return <V extends { [K in keyof V]: K extends keyof P ? unknown : never }>(fields: Readers<V>) =>
    (node: { [key: string]: Node }): V =>
      readFields(fields, node, "");
}

/** Whether a moment lies in a range; no range holds everything. */
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

/** Whether every field was read: each value is then what its own reader made of it. */
function isComplete<V extends object>(fields: Readers<V>, read: Partial<V>): read is V {
  return Object.keys(fields).every((key) => Object.hasOwn(read, key));
}

function shown(node: Node): string {
  return typeof node === "string" ? node : JSON.stringify(node);
}
