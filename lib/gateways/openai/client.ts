import OpenAI from "openai";
import { AppError, type ErrorCode } from "#lib/core/errors.ts";
import { singleton } from "#lib/core/singleton.ts";
import {
  type ByteSource,
  type Endpoint,
  post,
  readAll,
  toEndpoint,
  type UpstreamResponse,
} from "#lib/gateways/openai/http-stream.ts";

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
  status: number | null;
  /** The upstream's message about an invalid request, which concerns the caller's input. */
  refusal: string | null;
};

/** Limit for reading an error response. */
const maxErrorBytes = 64 * 1_024;

/**
 * Posts to an upstream and returns the response body after the response headers arrived. The SDK determines
 * URL, headers and error classes; node:http sends the request
 * (docs/decisions/0050-node-http-for-model-requests.md). Only try-targets.ts retries.
 * @throws OpenAI.APIError; the connection's error if the signal was aborted
 */
export async function postToUpstream(
  upstream: Upstream,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<ByteSource> {
  const endpoint = await endpointFor(upstream, path);
  const response = await post(endpoint, JSON.stringify(body), signal).catch((cause: Error) => {
    throw signal.aborted ? cause : new OpenAI.APIConnectionError({ cause });
  });
  if (response.status >= 200 && response.status < 300) return response.body;
  const text = (await readAll(response.body, maxErrorBytes)).toString("utf8");
  const errorBody = parseJsonObject(text);
  // Invalid status codes, such as 999, are treated as 502.
  const status = response.status > 599 || response.status < 200 ? 502 : response.status;
  throw OpenAI.APIError.generate(
    status,
    errorBody,
    errorBody === undefined ? text : undefined,
    toHeaders(response),
  );
}

/** Caches the endpoint that the SDK builds for an upstream and path; it does not depend on the request. */
function endpointFor(upstream: Upstream, path: string): Promise<Endpoint> {
  const cache = singleton("openai.endpoints", () => new Map<string, Promise<Endpoint>>());
  const name = `${upstream.baseUrl} ${upstream.apiKey} ${path}`;
  const found = cache.get(name);
  if (found !== undefined) return found;
  const made = createClient(upstream)
    .buildRequest({ method: "post", path, body: {} })
    .then(({ url, req }) => toEndpoint(url, new Headers(req.headers)));
  cache.set(name, made);
  return made;
}

function createClient({ baseUrl, apiKey }: Upstream): OpenAI {
  const defaults = { organization: null, project: null, maxRetries: 0 };
  return new OpenAI({ ...defaults, baseURL: baseUrl, apiKey, logLevel: "off" });
}

/** Parses an error body; undefined if it is not a JSON object. */
function parseJsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? value : undefined;
  } catch {
    return undefined;
  }
}

function toHeaders({ headers }: UpstreamResponse): Headers {
  const texts = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Headers(texts);
}

/** Lists the ids of the models of an upstream. */
export async function listModels(upstream: Upstream, timeoutMs = 10_000): Promise<string[]> {
  const response = await createClient(upstream).models.list({ timeout: timeoutMs });
  return response.data.map((model) => model.id);
}

/** Classifies an error of the SDK by class and status; the names of its errors are not reliable. */
export function toUpstreamFailure(error: unknown): UpstreamFailure {
  const plain = { retryAfterMs: null, operatorProblem: null, status: null, refusal: null };
  if (error instanceof OpenAI.APIConnectionError) return { ...plain, code: "model_failed", retryable: true };
  if (!(error instanceof OpenAI.APIError)) return { ...plain, code: "model_failed", retryable: false };
  const status: number = error.status ?? 0;
  const known = { ...plain, status, retryAfterMs: parseRetryAfter(error.headers) };
  if (status === 401)
    return { ...known, code: "model_unavailable", retryable: false, operatorProblem: "rejects our key" };
  if (error.code === "insufficient_quota") {
    const operatorProblem = "says that our account there has no credit left";
    return { ...known, code: "model_unavailable", retryable: false, operatorProblem };
  }
  if (status === 403 || status === 404) {
    const operatorProblem = `does not let us use this model (${status})`;
    return { ...known, code: "model_unavailable", retryable: false, operatorProblem };
  }
  if (status === 429) return { ...known, code: "model_busy", retryable: true };
  if (status >= 500 || status === 408 || status === 409) {
    return {
      ...known,
      code: status === 503 || status === 529 ? "model_busy" : "model_failed",
      retryable: true,
    };
  }
  const code = error.code === "context_length_exceeded" ? "context_too_long" : "bad_request";
  return { ...known, code, retryable: false, refusal: messageOf(error.error) };
}

function messageOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("message" in error)) return null;
  return typeof error.message === "string" ? error.message.slice(0, 1_000) : null;
}

function parseRetryAfter(headers: Headers | undefined): number | null {
  const precise = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (precise >= 0) return precise;
  const text = headers?.get("retry-after");
  if (text === null || text === undefined) return null;
  const seconds = Number(text);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

/** Converts a failure to the error for callers. */
export function toAppError(failure: UpstreamFailure, cause: unknown): AppError {
  return new AppError(failure.code, {
    ...(failure.refusal !== null && { message: failure.refusal }),
    ...(failure.code === "model_busy" && {
      retryAfterSeconds: Math.max(1, Math.ceil((failure.retryAfterMs ?? 5_000) / 1_000)),
    }),
    details: { upstreamStatus: failure.status },
    cause,
  });
}
