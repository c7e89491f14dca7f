import type { chat } from "#app/_messages/en/chat.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { ErrorCode } from "#lib/core/errors.ts";

/** Those texts that have no parameters. */
type ReasonKey = Exclude<keyof (typeof chat)["outcome"], "charged" | "tryModel">;

/**
 * The text for each error code that an answer can end with. The texts say nothing about the charge, which the
 * notice adds. Codes that end no answer have the general text.
 */
const reasonKeys: Record<ErrorCode, ReasonKey> = {
  model_failed: "modelStopped",
  model_busy: "modelBusy",
  model_timeout: "modelTimeout",
  model_unavailable: "modelUnavailable",
  model_not_found: "modelUnavailable",
  content_blocked: "contentBlocked",
  moderation_unavailable: "moderationUnavailable",
  context_too_long: "contextTooLong",
  bad_request: "modelRefused",
  invalid_input: "modelRefused",
  unsupported_parameter: "modelRefused",
  internal: "internal",
  unauthenticated: "signedOut",
  not_found: "gone",
  insufficient_credit: "outOfCredit",
  bad_signature: "failed",
  invalid_api_key: "failed",
  payment_declined: "failed",
  forbidden: "failed",
  step_up_required: "failed",
  plan_required: "failed",
  method_not_allowed: "failed",
  trial_used: "failed",
  conflict: "failed",
  purchase_refused: "failed",
  payload_too_large: "failed",
  unsupported_media_type: "failed",
  too_many_requests: "failed",
  credit_reserved: "failed",
  billing_unavailable: "failed",
  server_restarting: "interrupted",
};

/** Returns the message key of why an answer failed or was interrupted, so that readers see their language. */
export function endReason({
  status,
  problem,
  text,
}: Pick<ClientMessage, "status" | "problem" | "text">): ReasonKey {
  const code = problem?.code;
  // A newer server may send a code that this page does not know.
  if (code === undefined || !isKnown(code)) return status === "interrupted" ? "interrupted" : "failed";
  return code === "model_failed" && text === "" ? "modelFailed" : reasonKeys[code];
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(reasonKeys, code);
}
