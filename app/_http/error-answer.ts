import type { Answer } from "#app/_http/answer.ts";
import { type AppError, type ErrorCode, toPublicError } from "#lib/ground/errors.ts";

/** Whose shape an error takes: our own, or the one that OpenAI's clients understand. */
export type ErrorShape = "own" | "openai";

/** The answer to a request that failed: status, Retry-After, and a body that tells nothing of our inside. */
export function errorAnswer(
  thrown: unknown,
  requestId: string,
  headers: Headers,
  shape: ErrorShape = "own",
): Answer {
  const error = toPublicError(thrown);
  const body = shape === "openai" ? openAiError(error, requestId) : ownError(error, requestId);
  headers.set("content-type", "application/json");
  if (error.retryAfterSeconds !== undefined)
    headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  // What was not read of the body still travels on the connection.
  if (error.code === "payload_too_large") headers.set("connection", "close");
  return { status: error.status, headers, body: JSON.stringify(body) };
}

function ownError(error: AppError, requestId: string) {
  const { code, message, fields } = error;
  return { error: { code, message, requestId, ...(fields && { fields }) } };
}

/** OpenAI's error, so that its SDKs raise the right class and show our words. */
function openAiError(error: AppError, requestId: string) {
  const field = error.fields?.[0];
  const message = field === undefined ? error.message : `${field.path}: ${field.message}`;
  const code = openAiCodes[error.code] ?? error.code;
  return {
    error: { message, type: openAiType(error), param: field?.path ?? null, code, request_id: requestId },
  };
}

/** Where OpenAI has a name of its own for what happened, programs look for that name. */
const openAiCodes: Partial<Record<ErrorCode, string>> = {
  too_many_requests: "rate_limit_exceeded",
  insufficient_credit: "insufficient_quota",
  context_too_long: "context_length_exceeded",
};

function openAiType(error: AppError): string {
  if (error.code === "insufficient_credit") return "insufficient_quota";
  if (error.status === 429) return "rate_limit_error";
  if (error.status === 401) return "authentication_error";
  if (error.status === 403) return "permission_error";
  return error.status >= 500 ? "server_error" : "invalid_request_error";
}
