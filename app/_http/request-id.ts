import { newId } from "#lib/core/ids.ts";

const sane = /^[\w.-]{8,128}$/;

/** The id a request is known by: the one it came with if that is harmless to log, else a new one. */
export function resolveRequestId(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given !== null && sane.test(given) ? given : newId();
}
