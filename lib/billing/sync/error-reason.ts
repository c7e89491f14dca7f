import { AppError } from "#lib/core/errors.ts";
import { maskText } from "#lib/core/mask.ts";

/** Returns the message of an error's cause, masked and shortened, to be stored with a failed event. */
export function toErrorReason(error: unknown): string {
  const cause = error instanceof AppError && error.cause instanceof Error ? error.cause : error;
  return maskText(cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
}
