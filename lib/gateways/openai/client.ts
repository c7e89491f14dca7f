import type { IncomingHttpHeaders } from "node:http";
import OpenAI from "openai";
import { env } from "#lib/core/env.ts";
import { AppError, type ErrorCode } from "#lib/core/errors.ts";
import { currentSpan } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";
import { readErrorBody } from "#lib/gateways/openai/error-body.ts";
import type { OutageReason } from "#lib/gateways/openai/health/target-health.ts";
import {
  type ByteSource,
  type Endpoint,
  readAll,
  send,
  toEndpoint,
} from "#lib/gateways/openai/http-stream.ts";
import {
  MalformedAnswer,
  UpstreamConnectionError,
  UpstreamError,
} from "#lib/gateways/openai/upstream-errors.ts";

/** An OpenAI-compatible server: OpenAI, Azure, vLLM, Ollama, OpenRouter, the sandbox. */
export type Upstream = { name: string; baseUrl: string; apiKey: string };

/** Why an attempt failed. */
export type UpstreamFailure = {
  code: ErrorCode;
  /** Whether the same request may succeed shortly after. */
  retryable: boolean;
  /** The wait that the upstream asked for, in milliseconds. */
  retryAfterMs: number | null;
  /** Set if an operator must act: the key, the account or the model list is wrong. */
  operatorProblem: string | null;
  /** The kind of that problem. */
  outage: OutageReason | null;
  status: number | null;
  /** The upstream's words about an invalid request, which concern the caller's input. */
  refusal: { message: string | null; code: string | null; param: string | null } | null;
};

/** Limit for reading an error response. */
const maxErrorBytes = 64 * 1_024;

/**
 * Posts to an upstream and returns the response body after the response headers arrived. The SDK determines
 * URL and headers; node:http sends the request (docs/decisions/0050-node-http-for-model-requests.md). Only
 * try-targets.ts retries.
 * @throws UpstreamError, UpstreamConnectionError; the connection's error if the signal was aborted
 */
export async function postToUpstream(
  upstream: Upstream,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<ByteSource> {
  const endpoint = await endpointFor(upstream, "post", path);
  return request(endpoint, JSON.stringify(body), signal, traceHeaders(upstream));
}

/** Reads from an upstream. Throws like `postToUpstream`. */
export async function getFromUpstream(
  upstream: Upstream,
  path: string,
  signal: AbortSignal,
): Promise<ByteSource> {
  return request(await endpointFor(upstream, "get", path), null, signal);
}

async function request(
  endpoint: Endpoint,
  body: string | null,
  signal: AbortSignal,
  headers: string[] = [],
): Promise<ByteSource> {
  const response = await send(endpoint, body, signal, headers).catch((cause: Error) => {
    throw signal.aborted ? cause : new UpstreamConnectionError(cause);
  });
  if (response.status >= 200 && response.status < 300) return response.body;
  const text = (await readAll(response.body, maxErrorBytes)).toString("utf8");
  // Invalid status codes, such as 999, are treated as 502.
  const status = response.status > 599 || response.status < 200 ? 502 : response.status;
  const none = { message: null, code: null, param: null, status: null };
  throw new UpstreamError(
    status,
    readErrorBody(parseJson(text), true) ?? none,
    parseRetryAfter(response.headers),
  );
}

/** The trace is passed on to the upstreams of TRACE_UPSTREAMS only: others could correlate our users. */
function traceHeaders({ name }: Upstream): string[] {
  const traceparent = currentSpan()?.traceparent;
  if (traceparent === undefined || !env().TRACE_UPSTREAMS.includes(name)) return [];
  return ["traceparent", traceparent];
}

/** Caches the endpoint that the SDK builds for an upstream and path; it does not depend on the request. */
function endpointFor(upstream: Upstream, method: "get" | "post", path: string): Promise<Endpoint> {
  const cache = singleton("openai.endpoints", () => new Map<string, Promise<Endpoint>>());
  const name = `${upstream.baseUrl} ${upstream.apiKey} ${method} ${path}`;
  const found = cache.get(name);
  if (found !== undefined) return found;
  const made = createClient(upstream)
    .buildRequest({ method, path, ...(method === "post" && { body: {} }) })
    .then(({ url, req }) => toEndpoint(url, new Headers(req.headers), method === "post" ? "POST" : "GET"));
  cache.set(name, made);
  return made;
}

function createClient({ baseUrl, apiKey }: Upstream): OpenAI {
  const defaults = { organization: null, project: null, maxRetries: 0 };
  return new OpenAI({ ...defaults, baseURL: baseUrl, apiKey, logLevel: "off" });
}

/** Parses an error body; its text if it is not JSON, unless it is a page for people. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return /^\s*</.test(text) ? null : text;
  }
}

const contextMessage =
  /maximum context length|context (length|window)|too many (input )?tokens|prompt is too long/i;

/** Classifies what an attempt threw. */
export function toUpstreamFailure(error: unknown): UpstreamFailure {
  const plain = { retryAfterMs: null, operatorProblem: null, outage: null, status: null, refusal: null };
  if (error instanceof UpstreamConnectionError || error instanceof MalformedAnswer)
    return { ...plain, code: "model_failed", retryable: true };
  if (!(error instanceof UpstreamError)) return { ...plain, code: "model_failed", retryable: false };
  const { status, body, retryAfterMs } = error;
  const known = { ...plain, status, retryAfterMs };
  const problem = findOperatorProblem(error);
  if (problem !== null) return { ...known, ...problem, code: "model_unavailable", retryable: false };
  if (status === 429) return { ...known, code: "model_busy", retryable: true };
  if (status >= 500 || status === 408 || status === 409) {
    return {
      ...known,
      code: status === 503 || status === 529 ? "model_busy" : "model_failed",
      retryable: true,
    };
  }
  const isTooLong = body.code === "context_length_exceeded" || contextMessage.test(body.message ?? "");
  const code = isTooLong ? "context_too_long" : "bad_request";
  return { ...known, code, retryable: false, refusal: body };
}

type OperatorProblem = { operatorProblem: string; outage: OutageReason };

/** Returns what only an operator can fix: the key, the account or the model list. */
function findOperatorProblem({ status, body }: UpstreamError): OperatorProblem | null {
  if (status === 401) return { operatorProblem: "rejects our key", outage: "key" };
  if (status === 402 || body.code === "insufficient_quota")
    return { operatorProblem: "says that our account there has no credit left", outage: "credit" };
  if (status !== 403 && status !== 404) return null;
  return { operatorProblem: `does not let us use this model (${status})`, outage: "refused" };
}

function parseRetryAfter(headers: IncomingHttpHeaders): number | null {
  const precise = Number.parseFloat(String(headers["retry-after-ms"]));
  if (precise >= 0) return precise;
  const text = headers["retry-after"];
  if (text === undefined) return null;
  const seconds = Number(text);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

/** Converts a failure to the error for callers. */
export function toAppError(failure: UpstreamFailure, cause: unknown): AppError {
  return new AppError(failure.code, {
    ...(failure.refusal?.message != null && { message: failure.refusal.message }),
    ...(failure.refusal?.param != null && { param: failure.refusal.param }),
    ...(failure.refusal?.code != null && { upstreamCode: failure.refusal.code }),
    ...(failure.code === "model_busy" && {
      retryAfterSeconds: Math.max(1, Math.ceil((failure.retryAfterMs ?? 5_000) / 1_000)),
    }),
    details: { upstreamStatus: failure.status },
    cause,
  });
}
