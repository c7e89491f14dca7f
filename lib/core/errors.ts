/**
 * All error codes, with HTTP status, default public message and log level. Messages never contain internal
 * details.
 */
const errorTable = {
  bad_request: { status: 400, message: "This request could not be read.", level: "info" },
  invalid_input: { status: 400, message: "Some of the fields are not right.", level: "info" },
  unsupported_parameter: { status: 400, message: "This parameter is not supported.", level: "info" },
  bad_signature: { status: 400, message: "The signature does not match.", level: "warn" },
  unauthenticated: { status: 401, message: "Please sign in to go on.", level: "info" },
  invalid_api_key: { status: 401, message: "This API key is not valid.", level: "info" },
  insufficient_credit: { status: 402, message: "There is not enough credit for this.", level: "info" },
  payment_declined: {
    status: 402,
    message: "The card was declined. Nothing was charged, and nothing has changed.",
    level: "info",
  },
  forbidden: { status: 403, message: "You may not do this.", level: "info" },
  plan_required: { status: 403, message: "This needs a higher plan.", level: "info" },
  not_found: { status: 404, message: "There is nothing here.", level: "info" },
  model_not_found: { status: 404, message: "This model does not exist.", level: "info" },
  method_not_allowed: { status: 405, message: "This method is not allowed here.", level: "info" },
  trial_used: {
    status: 409,
    message:
      "This workspace or its owner's address has had its trial. You can choose a plan, which is paid at once.",
    level: "info",
  },
  conflict: { status: 409, message: "Something changed in between. Reload and try again.", level: "info" },
  context_too_long: { status: 413, message: "This conversation is too long for the model.", level: "info" },
  payload_too_large: { status: 413, message: "This is too large to be read.", level: "info" },
  unsupported_media_type: {
    status: 415,
    message: "Send JSON (content-type: application/json).",
    level: "info",
  },
  too_many_requests: { status: 429, message: "Too many requests. Wait a moment.", level: "info" },
  credit_reserved: {
    status: 429,
    message: "Your remaining credit is reserved for answers that are still running. Try again shortly.",
    level: "info",
  },
  internal: { status: 500, message: "Something failed on our side. Nothing was charged.", level: "error" },
  model_failed: { status: 502, message: "The model did not answer. Nothing was charged.", level: "warn" },
  billing_unavailable: { status: 503, message: "Payments cannot be reached right now.", level: "error" },
  model_unavailable: { status: 503, message: "This model is unavailable right now.", level: "error" },
  model_busy: { status: 503, message: "The model is busy. Try again in a moment.", level: "warn" },
  model_timeout: { status: 504, message: "The model took too long to answer.", level: "warn" },
} as const satisfies Record<string, { status: number; message: string; level: "info" | "warn" | "error" }>;

export type ErrorCode = keyof typeof errorTable;

/** Whether a text, such as a column's value, is a known error code. */
export function isErrorCode(text: string | null): text is ErrorCode {
  return text !== null && Object.hasOwn(errorTable, text);
}

/** A validation error of one input field; `path` is dotted. */
export type FieldProblem = { path: string; message: string };

type AppErrorOptions = {
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
  readonly fields: FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly param: string | undefined;
  readonly upstreamCode: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? errorTable[code].message, { cause: options.cause });
    this.code = code;
    this.status = errorTable[code].status;
    this.level = errorTable[code].level;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.param = options.param;
    this.upstreamCode = options.upstreamCode;
    this.details = options.details;
  }
}

/**
 * The error for a missing resource and for a resource of another workspace, which callers must not be able to
 * distinguish.
 */
export function notFound(resource: string): AppError {
  return new AppError("not_found", { message: `This ${resource} does not exist.` });
}

/** The error for input that fails validation. */
export function invalidInput(fields: FieldProblem[]): AppError {
  return new AppError("invalid_input", { fields });
}

/**
 * Converts any thrown value to an error that is safe to show: unknown errors become a generic "internal"
 * error.
 */
export function toPublicError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError("internal", { cause: error });
}
