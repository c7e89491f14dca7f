import { setImmediate as nextTurn } from "node:timers/promises";
import type { core, ZodType } from "zod";
import type { HttpRequest } from "#app/_http/http-request.ts";
import { checkJsonLimits } from "#app/_http/json-limits.ts";
import {
  AppError,
  type ErrorReason,
  englishText,
  type FieldProblem,
  invalidInput,
  isFieldKey,
} from "#lib/core/errors.ts";
import { findUnsafeValue } from "#lib/core/unsafe-value.ts";

/** Zod's type has this option for its own `validate` only; a test checks that `safeParse` follows it. */
const endAtFirstIssue: core.ParseContextInternal<core.$ZodIssue> = { abortEarly: true };

/**
 * Parses untrusted input: bodies, queries, forms, and arguments of server actions. Refuses what no schema
 * accepts on purpose: texts with NUL or unpaired surrogates, dates that no calendar shows, deep nesting.
 * @param options.firstIssueOnly ends at the first invalid field or element, so that a large hostile input
 *   does not yield an issue per element
 * @throws AppError `invalid_input` with one problem per field
 */
export function parseInput<T>(
  schema: ZodType<T>,
  value: unknown,
  options: { firstIssueOnly?: boolean } = {},
): T {
  const unsafe = findUnsafeValue(value);
  if (unsafe !== null) throw invalidInput([unsafe]);
  const parsed = schema.safeParse(value, options.firstIssueOnly ? endAtFirstIssue : undefined);
  if (parsed.success) {
    // Schemas make dates out of texts.
    const unsafeResult = findUnsafeValue(parsed.data);
    if (unsafeResult === null) return parsed.data;
    throw invalidInput([unsafeResult]);
  }
  throw invalidInput(toFieldProblems(parsed.error.issues));
}

function toFieldProblems(issues: readonly core.$ZodIssue[]): FieldProblem[] {
  return issues.map(toDeepestIssue).map((issue) => {
    const path = issue.path.map(String).join(".");
    const reason = toReason(issue);
    const message = isFieldKey(issue.message) ? englishText(reason) : issue.message;
    return { path, message, reason };
  });
}

/** The issue inside a union that names the field: the one of the alternative that matched furthest. */
function toDeepestIssue(issue: core.$ZodIssue): core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flatMap((issues) => issues.slice(0, 1)).map(toDeepestIssue);
  const [deepest] = inner.toSorted((a, b) => b.path.length - a.path.length);
  if (deepest === undefined || deepest.path.length === 0) return issue;
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

/** The text for a schema's rule: the one that the schema names, or one for its kind. */
function toReason(issue: core.$ZodIssue): ErrorReason {
  if (issue.code === "custom" && isFieldKey(issue.message))
    return { key: `fields.${issue.message}`, ...(issue.params && { values: issue.params }) };
  const max = issue.code === "too_big" ? Number(issue.maximum) : undefined;
  const min = issue.code === "too_small" ? Number(issue.minimum) : undefined;
  const values = { ...(max !== undefined && { max }), ...(min !== undefined && { min }) };
  if (isFieldKey(issue.message)) return { key: `fields.${issue.message}`, values };
  const isText = "origin" in issue && issue.origin === "string";
  if (isText && max !== undefined) return { key: "fields.tooLong", values };
  if (isText && min !== undefined) return { key: "fields.tooShort", values };
  return { key: "fields.invalid" };
}

/** Converts a query string or a form into an object; a repeated name becomes an array. */
export function toInputObject<V>(entries: { keys(): Iterable<string>; getAll(name: string): V[] }) {
  const values: Record<string, V | V[] | undefined> = {};
  for (const name of new Set(entries.keys())) {
    const all = entries.getAll(name);
    values[name] = all.length > 1 ? all : all[0];
  }
  return values;
}

/** From this size on, the steps of reading a body run in separate turns of the event loop. */
const largeBodyBytes = 65_536;

/**
 * Reads a JSON body of limited size, nesting and number of values.
 * @throws AppError `unsupported_media_type`, `payload_too_large`, `bad_request`
 */
export async function readJson(
  { headers, readBytes }: HttpRequest,
  maxBytes: number,
  maxValues?: number,
): Promise<unknown> {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "application/json" && !type.endsWith("+json")) throw new AppError("unsupported_media_type");
  const bytes = await readBytes(maxBytes);
  const isLarge = bytes.length >= largeBodyBytes;
  if (isLarge) await nextTurn();
  checkJsonLimits(bytes, maxValues);
  if (isLarge) await nextTurn();
  const value = parseJson(bytes);
  if (isLarge) await nextTurn();
  return value;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new AppError("bad_request", { message: "The body is not valid JSON.", cause });
  }
}
