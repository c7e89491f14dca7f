import type { UpstreamErrorBody } from "#lib/gateways/openai/error-body.ts";

/**
 * The upstream sent something other than a chat completion. `shape` describes it without quoting it.
 */
export class MalformedAnswer extends Error {
  readonly shape: string;
  constructor(shape: string) {
    super(`The upstream sent an invalid chat completion: ${shape}.`);
    this.shape = shape;
  }
}

/** The upstream sent an error: as a status, in place of an answer, or within one. */
export class UpstreamError extends Error {
  readonly status: number;
  readonly body: UpstreamErrorBody;
  readonly retryAfterMs: number | null;
  constructor(status: number, body: UpstreamErrorBody, retryAfterMs: number | null = null) {
    super(`The upstream answered with an error (${status}, ${body.code ?? "no code"}).`);
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The connection to the upstream could not be made, or broke before the response. */
export class UpstreamConnectionError extends Error {
  constructor(cause: unknown) {
    super("The upstream could not be reached.", { cause });
  }
}

const statusByCode: [RegExp, number][] = [
  [/rate_?limit/i, 429],
  [/overloaded|capacity/i, 529],
  [/authentication|invalid_api_key/i, 401],
  [/insufficient_quota/i, 429],
  [/invalid_request|context_length|bad_?request/i, 400],
];

/** Returns the error for a body within a successful response; without a known status or code, a 502. */
export function toUpstreamError(body: UpstreamErrorBody): UpstreamError {
  const byCode = statusByCode.find(([code]) => code.test(body.code ?? ""))?.[1];
  return new UpstreamError(body.status ?? byCode ?? 502, body);
}
