import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { Clause, Query } from "#sandbox/stripe/search/parse-query.ts";

/** How a field is compared: exactly, also by substring, or by size. */
export type FieldKind = "exact" | "text" | "number" | "metadata";
/** The searchable fields of a resource. */
export type SearchFields = Record<string, FieldKind>;

const shortestSubstring = 3;

/** Throws for a field that is not searchable, or an operator that the field does not have. */
export function assertSearchable(query: Query, fields: SearchFields, resource: string): void {
  for (const { field, key, operator, value } of query.clauses) {
    const kind = fields[field];
    if (kind === undefined || (kind === "metadata") !== (key !== null)) {
      throw invalid(
        `Field \`${field}\` is an unsupported search field for resource \`${resource}\`. See https://docs.stripe.com/search#query-fields-for-${resource.replaceAll("_", "-")} for a list of supported fields.`,
        "query",
      );
    }
    const isComparison = operator !== ":" && operator !== "~";
    if ((operator === "~" && kind !== "text") || (isComparison && kind !== "number")) {
      throw invalid(`Operator \`${operator}\` is not supported for field \`${field}\`.`, "query");
    }
    if (operator === "~" && (value ?? "").length < shortestSubstring) {
      throw invalid("Substring matches need a value of at least 3 characters.", "query");
    }
  }
}

/** Whether an object matches a query. Text is compared without case, as Stripe does. */
export function matchesQuery(row: object, { clauses, join }: Query): boolean {
  const matches = (clause: Clause) => matchesClause(row, clause) !== clause.isNegated;
  return join === "and" ? clauses.every(matches) : clauses.some(matches);
}

function matchesClause(row: object, { field, key, operator, value }: Clause): boolean {
  const path = key === null ? field.split(".") : [...field.split("."), key];
  const found = valueAt(row, path);
  if (value === null) return found === null || found === undefined;
  if (found === null || found === undefined) return false;
  if (operator === ":") return String(found).toLowerCase() === value.toLowerCase();
  if (operator === "~") return String(found).toLowerCase().includes(value.toLowerCase());
  const [have, want] = [Number(found), Number(value)];
  if (operator === ">") return have > want;
  if (operator === "<") return have < want;
  return operator === ">=" ? have >= want : have <= want;
}

function valueAt(row: object, path: string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null ? new Map(Object.entries(found)).get(name) : undefined,
    row,
  );
}
