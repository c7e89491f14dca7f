import { AppError } from "#lib/core/errors.ts";
import { maskText } from "#lib/core/mask.ts";

/**
 * Names of fields whose value never reaches the log, whatever it is: what people wrote, what models answered, what
 * identifies a person or opens a door.
 */
const secretFields = new Set(
  `prompt answer content text completion messages input output body html subject title parts delta
   email to from toaddress name username address phone ip useragent
   password passwordhash secret token tokenhash authorization cookie cookies setcookie headers
   key apikey keyhash clientsecret signature payload data params query parameters args`.split(/\s+/),
);

const deepest = 4;
const longestText = 2_000;

/** The fields as they may be logged: secret ones replaced, every text masked and cut, errors described. */
export function cleanFields(fields: Record<string, unknown>): Record<string, unknown> {
  return cleanObject(fields, 0);
}

/** The code an error is counted and logged under; what we did not foresee is "internal". */
export function codeOf(error: unknown): string {
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
  if (typeof value === "string") return maskText(value.slice(0, longestText));
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth >= deepest) return "[deep]";
  if (value instanceof Error) return plainError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => cleanValue(item, depth + 1));
  return cleanObject(value, depth + 1);
}

/** Drivers and SDKs hang queries and requests on their errors, so only known parts are taken. */
function plainError(error: Error, depth: number): Record<string, unknown> {
  const plain: Record<string, unknown> = { name: error.name, message: maskText(firstLine(error.message)) };
  if ("code" in error && typeof error.code === "string") plain.code = error.code;
  if (error instanceof AppError && error.details !== undefined)
    plain.details = cleanObject(error.details, depth + 1);
  if (!(error instanceof AppError) || error.level === "error") plain.stack = frames(error.stack);
  if (error.cause !== undefined && depth < deepest) plain.cause = cleanValue(error.cause, depth + 1);
  return plain;
}

/** Drizzle puts a failed statement's parameters on the lines after the first. */
function firstLine(message: string): string {
  return message.split("\n", 1).join("").slice(0, 500);
}

/** The stack without its head, which repeats the message in full. */
function frames(stack: string | undefined): string[] {
  return (stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
