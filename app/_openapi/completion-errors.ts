import type { ErrorCode } from "#lib/core/errors.ts";

/** The errors of a call to a model. */
export const modelErrors: ErrorCode[] = [
  "bad_request",
  "context_too_long",
  "model_not_found",
  "model_failed",
  "model_unavailable",
  "model_busy",
  "model_timeout",
];

/** The errors that the rate limit, the plan and the credit cause. */
export const creditErrors: ErrorCode[] = [
  "too_many_requests",
  "plan_required",
  "insufficient_credit",
  "credit_reserved",
];

/** The errors of input that the operator's moderation refuses or cannot check. */
export const moderationErrors: ErrorCode[] = ["content_blocked", "moderation_unavailable"];

/** All errors that a user of chat completions has to handle, for the guide. */
export const completionErrors: ErrorCode[] = [
  "invalid_input",
  "unsupported_parameter",
  "invalid_api_key",
  "forbidden",
  "payload_too_large",
  "internal",
  ...modelErrors,
  ...creditErrors,
  ...moderationErrors,
];
