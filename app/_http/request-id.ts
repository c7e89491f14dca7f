import { newId } from "#lib/core/ids.ts";

const validRequestId = /^[\w.-]{8,128}$/;

/** Returns the X-Request-Id header if it is safe to log, else a new id. */
export function resolveRequestId(headers: Headers): string {
  const received = headers.get("x-request-id");
  return received !== null && validRequestId.test(received) ? received : newId();
}
