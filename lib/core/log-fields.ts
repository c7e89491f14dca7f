import { AppError } from "#lib/core/errors.ts";
import { maskText } from "#lib/core/mask.ts";
import { openEvents } from "#lib/core/observability/current-event.ts";
import { hideInput } from "#lib/core/observability/hide-input.ts";

/**
 * Fields whose value is never logged: prompts, answers, personal data and credentials. Names are lower case
 * without separators.
 */
const secretFields = new Set(
  `prompt answer content text completion messages input output body html subject title parts delta
   email to from toaddress name username address phone ip useragent
   password passwordhash secret token tokenhash authorization cookie cookies setcookie headers
   key apikey keyhash clientsecret signature payload data params query parameters args`.split(/\s+/),
);

const maxDepth = 4;
const maxTextLength = 2_000;

/**
 * Returns fields that are safe to log: secret fields hidden, texts masked and truncated, errors reduced to
 * known parts.
 */
export function cleanFields(fields: Record<string, unknown>): Record<string, unknown> {
  return cleanObject(fields, 0);
}

/** The code for logs and metrics; errors other than AppError have the code "internal". */
export function errorCodeOf(error: unknown): string {
  return error instanceof AppError ? error.code : "internal";
}

function cleanObject(source: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined) continue;
    const secret = secretFields.has(name.toLowerCase().replace(/[_-]/g, "")) && value !== null;
    clean[name] = secret ? "[hidden]" : cleanValue(value, depth);
  }
  return clean;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return maskText(value.slice(0, maxTextLength));
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth >= maxDepth) return "[deep]";
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => cleanValue(item, depth + 1));
  return cleanObject(value, depth + 1);
}

/** Takes only known properties, because drivers and SDKs attach queries and requests to their errors. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const plain: Record<string, unknown> = { name: error.name, message: cleanErrorMessage(error.message) };
  if ("code" in error && typeof error.code === "string") plain.code = error.code;
  if (error instanceof AppError && error.details !== undefined)
    plain.details = cleanObject(error.details, depth + 1);
  if (!(error instanceof AppError) || error.level === "error") plain.stack = frames(error);
  if (error.cause !== undefined && depth < maxDepth) plain.cause = cleanValue(error.cause, depth + 1);
  return plain;
}

/**
 * Returns an error's message for logs: its first line, because the others contain a statement's parameters in
 * Drizzle's errors, without what the user has sent with the request, masked.
 */
export function cleanErrorMessage(message: string): string {
  const firstLine = message.split("\n", 1).join("");
  return maskText(hideInput(firstLine, openEvents().getStore()?.input).slice(0, 500));
}

/** The frames of the stack, which begins with the whole message. */
function frames({ message, stack = "" }: Error): string[] {
  const start = message === "" ? 0 : stack.indexOf(message) + message.length;
  return stack
    .slice(start)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
