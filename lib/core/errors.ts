import { errorMessages } from "#lib/core/error-messages.ts";
import { createTranslator, type KeyOf, type MessageValues, type ValuesOf } from "#lib/core/translator.ts";

/** All error codes, with HTTP status and log level. Their texts are in error-messages.ts. */
const errorTable = {
  bad_request: { status: 400, level: "info" },
  invalid_input: { status: 400, level: "info" },
  unsupported_parameter: { status: 400, level: "info" },
  content_blocked: { status: 400, level: "info" },
  bad_signature: { status: 400, level: "warn" },
  unauthenticated: { status: 401, level: "info" },
  invalid_api_key: { status: 401, level: "info" },
  insufficient_credit: { status: 402, level: "info" },
  payment_declined: { status: 402, level: "info" },
  forbidden: { status: 403, level: "info" },
  step_up_required: { status: 403, level: "info" },
  plan_required: { status: 403, level: "info" },
  not_found: { status: 404, level: "info" },
  model_not_found: { status: 404, level: "info" },
  method_not_allowed: { status: 405, level: "info" },
  trial_used: { status: 409, level: "info" },
  conflict: { status: 409, level: "info" },
  purchase_refused: { status: 409, level: "warn" },
  context_too_long: { status: 413, level: "info" },
  payload_too_large: { status: 413, level: "info" },
  unsupported_media_type: { status: 415, level: "info" },
  too_many_requests: { status: 429, level: "info" },
  credit_reserved: { status: 429, level: "info" },
  internal: { status: 500, level: "error" },
  model_failed: { status: 502, level: "warn" },
  billing_unavailable: { status: 503, level: "error" },
  model_unavailable: { status: 503, level: "error" },
  server_restarting: { status: 503, level: "warn" },
  model_busy: { status: 503, level: "warn" },
  moderation_unavailable: { status: 503, level: "warn" },
  model_timeout: { status: 504, level: "warn" },
} as const satisfies Record<
  keyof typeof errorMessages.codes,
  { status: number; level: "info" | "warn" | "error" }
>;

export type ErrorCode = keyof typeof errorTable;

/** All error codes. */
export const errorCodes = Object.keys(errorTable) as ErrorCode[]; // The table has no other keys.

/** The HTTP status of an error code. */
export function httpStatusOf(code: ErrorCode): number {
  return errorTable[code].status;
}

/** Whether a text, such as a column's value, is a known error code. */
export function isErrorCode(text: string | null): text is ErrorCode {
  return text !== null && Object.hasOwn(errorTable, text);
}

const english = createTranslator<typeof errorMessages>("en", errorMessages);

/** Says why something failed, in any language: the key of a text and its parameters. */
export type ErrorReason = { key: KeyOf<typeof errorMessages>; values?: MessageValues };

type Reasons = typeof errorMessages.reasons;
type Fields = typeof errorMessages.fields;

/** Creates the reason of an error; parameters are checked against the text. */
export function errorReason<K extends keyof Reasons>(key: K, ...[values]: ValuesOf<Reasons[K]>): ErrorReason {
  return { key: `reasons.${key}`, ...(values && { values }) };
}

/** Returns the English text of a reason. */
export function englishText({ key, values }: ErrorReason): string {
  // The functions that create reasons check the parameters.
  return (english as (key: string, values?: MessageValues) => string)(key, values);
}

/** A validation error of an input field. `path` is dotted; without a reason, only the English text exists. */
export type FieldProblem = { path: string; message: string; reason?: ErrorReason };

/** Creates a validation error of a field; parameters are checked against the text. */
export function fieldProblem<K extends keyof Fields>(
  path: string,
  key: K,
  ...[values]: ValuesOf<Fields[K]>
): FieldProblem {
  const reason: ErrorReason = { key: `fields.${key}`, ...(values && { values }) };
  return { path, message: englishText(reason), reason };
}

/** Names the text for a rule of a zod schema, which has a string for it. */
export function fieldKey(key: keyof Fields): string {
  return key;
}

export function isFieldKey(text: string): text is keyof Fields {
  return Object.hasOwn(errorMessages.fields, text);
}

type AppErrorOptions = {
  /** Says more than the code; shown in the reader's language. */
  reason?: ErrorReason;
  /** An English text for API responses that screens never show. */
  message?: string;
  fields?: FieldProblem[];
  /** Sent as the Retry-After header. */
  retryAfterSeconds?: number;
  /** The parameter of a request to the public API that the error is about, as OpenAI's errors name it. */
  param?: string;
  /** The code of an upstream's refusal, which the public API passes on instead of ours. */
  upstreamCode?: string;
  /** Fields for the log; never shown to users, and never a prompt, an answer or a key. */
  details?: Record<string, unknown>;
  cause?: unknown;
};

/**
 * The error class of the product: a code of the table and public details. `instanceof` compares the name,
 * because Next.js bundles a module once per entry point, and an error thrown by one copy may be caught by
 * another.
 */
export class AppError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return value instanceof Error && value.name === "AppError";
  }

  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly level: "info" | "warn" | "error";
  /** Undefined if there is an English text only. */
  readonly reason: ErrorReason | undefined;
  readonly fields: FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly param: string | undefined;
  readonly upstreamCode: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const reason = options.reason ?? { key: `codes.${code}` as const };
    super(options.message ?? englishText(reason), { cause: options.cause });
    this.code = code;
    this.reason = options.message === undefined ? reason : undefined;
    this.status = errorTable[code].status;
    this.level = errorTable[code].level;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.param = options.param;
    this.upstreamCode = options.upstreamCode;
    this.details = options.details;
  }
}

type Resource =
  | "account"
  | "answer"
  | "conversation"
  | "dataExport"
  | "device"
  | "event"
  | "file"
  | "invoice"
  | "key"
  | "authenticatorApp"
  | "message"
  | "passkey"
  | "page"
  | "payment"
  | "price"
  | "project"
  | "share"
  | "subscription"
  | "workspace";

/**
 * The error for a missing resource and for a resource of another workspace, which callers must not be able to
 * distinguish.
 */
export function notFound(resource: Resource): AppError {
  return new AppError("not_found", { reason: errorReason("missing", { resource }) });
}

/** The error for input that fails validation. */
export function invalidInput(fields: FieldProblem[]): AppError {
  return new AppError("invalid_input", { fields });
}

/** The error for a request that arrives while this process shuts down; another one answers a repetition. */
export function serverRestarting(cause?: unknown): AppError {
  return new AppError("server_restarting", { retryAfterSeconds: 1, cause });
}

/**
 * Converts any thrown value to an error that is safe to show: unknown errors become a generic "internal"
 * error, except that the shutdown has closed the database.
 */
export function toPublicError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return isAfterShutdown(error) ? serverRestarting(error) : new AppError("internal", { cause: error });
}

/** The driver's codes for a statement on connections that this process has closed. */
const closedCodes = new Set<unknown>(["CONNECTION_ENDED", "CONNECTION_DESTROYED"]);

/** Looks at the causes too, because the query builder wraps the driver's error. */
function isAfterShutdown(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ("code" in at && closedCodes.has(at.code)) return true;
  return false;
}
