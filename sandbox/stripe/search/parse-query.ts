import { invalid, type StripeFailure } from "#sandbox/stripe/protocol/failure.ts";

export type Operator = ":" | "~" | ">" | "<" | ">=" | "<=";
export type Clause = {
  /** The field's path, for example `metadata` or `billing_details.address.postal_code`. */
  field: string;
  /** The key in square brackets, for example of metadata. */
  key: string | null;
  operator: Operator;
  /** null searches for absent values. */
  value: string | null;
  isNegated: boolean;
};
export type Query = { clauses: Clause[]; join: "and" | "or" };

const fieldPattern = /^(-?)([a-z_0-9.]+)(?:\[(?:"([^"]*)"|'([^']*)')\])?\s*(>=|<=|:|~|>|<|=)\s*/i;
const valuePattern = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))\s*/;

/**
 * Parses Stripe's search query language (https://docs.stripe.com/search#search-query-language): clauses
 * joined by AND or OR, but not by both. Throws for text that is no query.
 */
export function parseQuery(text: string): Query {
  const clauses: Clause[] = [];
  const joins = new Set<string>();
  let rest = text.trim();
  while (rest !== "") {
    if (clauses.length > 0) {
      const join = /^(and|or)\s+/i.exec(rest);
      joins.add((join?.[1] ?? "and").toLowerCase());
      rest = rest.slice(join?.[0].length ?? 0);
    }
    const read = readClause(rest);
    clauses.push(read.clause);
    rest = read.rest;
  }
  if (clauses.length === 0) throw unparsable();
  if (joins.size > 1) throw invalid("You cannot combine AND and OR in one search query.", "query");
  return { clauses, join: joins.has("or") ? "or" : "and" };
}

function readClause(text: string): { clause: Clause; rest: string } {
  const head = fieldPattern.exec(text);
  const tail = valuePattern.exec(text.slice(head?.[0].length ?? 0));
  const [, minus, field, double, single, sign] = head ?? [];
  if (!head || !tail || field === undefined) throw unparsable();
  const quoted = tail[1] ?? tail[2];
  const bare = tail[3] ?? "";
  const clause: Clause = {
    field,
    key: double ?? single ?? null,
    operator: toOperator(sign ?? ":"),
    value: quoted === undefined ? (bare === "null" ? null : bare) : quoted.replaceAll(/\\(.)/g, "$1"),
    isNegated: minus === "-",
  };
  return { clause, rest: text.slice(head[0].length + tail[0].length) };
}

function toOperator(sign: string): Operator {
  const found = ([":", "~", ">", "<", ">=", "<="] as const).find((each) => each === sign);
  return found ?? ":";
}

function unparsable(): StripeFailure {
  return invalid(
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or key:"value" to query for other fields.',
    "query",
  );
}
