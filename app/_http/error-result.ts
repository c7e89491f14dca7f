import type { HttpResult } from "#app/_http/http-result.ts";
import { type AppError, type ErrorCode, httpStatusOf, toPublicError } from "#lib/core/errors.ts";
import { currentSpan } from "#lib/core/observability/tracing.ts";

/** The JSON format of an error: ours, or the one that OpenAI's SDKs parse. */
export type ErrorShape = "own" | "openai";

/** Converts an error into a response: status, Retry-After, and a body with the public message only. */
export function toErrorResult(
  thrown: unknown,
  requestId: string,
  headers: Headers,
  shape: ErrorShape = "own",
): HttpResult {
  const error = toPublicError(thrown);
  const isOpenAi = shape === "openai";
  const body = isOpenAi ? toOpenAiError(error, requestId) : toOwnError(error, requestId);
  headers.set("content-type", "application/json");
  if (error.retryAfterSeconds !== undefined)
    headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  // The unread rest of the body would be parsed as the next request of this connection.
  if (error.code === "payload_too_large") headers.set("connection", "close");
  // OpenAI's SDKs repeat every 429, unless this header forbids it: without new credit the result is the same.
  if (isOpenAi && error.code === "insufficient_credit") headers.set("x-should-retry", "false");
  return { status: publicFormOf(error.code, shape).status, headers, body: JSON.stringify(body) };
}

/** The status and the name of a code in an error format. */
export function publicFormOf(code: ErrorCode, shape: ErrorShape): { status: number; code: string } {
  if (shape === "own") return { status: httpStatusOf(code), code };
  return { status: openAiStatuses[code] ?? httpStatusOf(code), code: openAiCodes[code] ?? code };
}

/** Our own format. Screens translate `reason`, which names the text and its parameters. */
function toOwnError(error: AppError, requestId: string) {
  const { code, message, reason, fields } = error;
  const traceId = currentSpan()?.traceId;
  const ids = { requestId, ...(traceId !== undefined && { traceId }) };
  return { error: { code, message, ...ids, ...(reason && { reason }), ...(fields && { fields }) } };
}

/** OpenAI's error format, so that its SDKs throw the matching class with our message. */
export function toOpenAiError(error: AppError, requestId: string) {
  const field = error.fields?.[0];
  const isNamed = field !== undefined && field.path !== "";
  const message = isNamed ? `${field.path}: ${field.message}` : (field?.message ?? error.message);
  const param = error.param ?? (isNamed ? field.path : null);
  const code = error.upstreamCode ?? publicFormOf(error.code, "openai").code;
  const traceId = currentSpan()?.traceId;
  const ids = { request_id: requestId, ...(traceId !== undefined && { trace_id: traceId }) };
  return { error: { message, type: toOpenAiType(error), param, code, ...ids } };
}

/** Codes for which OpenAI has a different name, which client code checks for. */
const openAiCodes: Partial<Record<ErrorCode, string>> = {
  too_many_requests: "rate_limit_exceeded",
  credit_reserved: "rate_limit_exceeded",
  insufficient_credit: "insufficient_quota",
  context_too_long: "context_length_exceeded",
  content_blocked: "content_policy_violation",
};

/** Statuses that OpenAI uses for these errors, by which its SDKs choose the error's class. */
const openAiStatuses: Partial<Record<ErrorCode, number>> = {
  insufficient_credit: 429,
  context_too_long: 400,
};

function toOpenAiType(error: AppError): string {
  if (error.code === "insufficient_credit") return "insufficient_quota";
  if (error.status === 429) return "rate_limit_error";
  if (error.status === 401) return "authentication_error";
  if (error.status === 403) return "permission_error";
  return error.status >= 500 ? "server_error" : "invalid_request_error";
}
