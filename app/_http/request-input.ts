import type { ZodType } from "zod";
import type { HttpRequest } from "#app/_http/http-request.ts";
import { AppError, type FieldProblem, invalidInput } from "#lib/core/errors.ts";

/**
 * Parses untrusted input.
 * @throws AppError `invalid_input` with one problem per field
 */
export function parseInput<T>(schema: ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(toFieldProblems(parsed.error.issues));
}

function toFieldProblems(issues: readonly { path: PropertyKey[]; message: string }[]): FieldProblem[] {
  return issues.map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }));
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

/**
 * Reads a JSON body.
 * @throws AppError `unsupported_media_type`, `payload_too_large`, `bad_request`
 */
export async function readJson({ headers, readBytes }: HttpRequest, maxBytes: number): Promise<unknown> {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "application/json" && !type.endsWith("+json")) throw new AppError("unsupported_media_type");
  const bytes = await readBytes(maxBytes);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new AppError("bad_request", { message: "The body is not valid JSON.", cause });
  }
}
