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

/** A server that speaks OpenAI's protocol: OpenAI itself, Azure, vLLM, Ollama, OpenRouter, the sandbox. */
export type Upstream = { name: string; baseUrl: string; apiKey: string };

/** Why one attempt failed, and what follows from it. */
export type UpstreamFailure = {
  code: ErrorCode;
  /** True when the same request may well succeed a moment later. */
  passing: boolean;
  /** How long the upstream asked us to wait, in milliseconds. */
  retryAfterMs: number | null;
  /** Set when an operator must act: our key, our account or our catalogue is wrong. */
  operatorProblem: string | null;
  status: number | null;
  /** The upstream's own words about a request that it refused as wrong: they are about the caller's input. */
  refusal: string | null;
};

/** Longer words about a refusal are not read. */
const maxErrorBytes = 64 * 1_024;

/**
 * Posts to an upstream and gives the body of its answer once the head is there. Where to and with which headers, and what an error
 * means, is the SDK's; the bytes in between go by node:http. Retries are ours alone, so that they are counted and bounded once.
 * @throws OpenAI.APIError; whatever ended the connection, where the signal did
 */
export async function postToUpstream(
  upstream: Upstream,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<ByteSource> {
  const endpoint = await endpointFor(upstream, path);
  const reply = await post(endpoint, JSON.stringify(body), signal).catch((cause: Error) => {
    throw signal.aborted ? cause : new OpenAI.APIConnectionError({ cause });
  });
  if (reply.status >= 200 && reply.status < 300) return reply.body;
  const text = (await readAll(reply.body, maxErrorBytes)).toString("utf8");
  const told = parseJsonObject(text);
  // A status that nobody knows (such as 999) is a broken upstream like any other.
  const status = reply.status > 599 || reply.status < 200 ? 502 : reply.status;
  throw OpenAI.APIError.generate(status, told, told === undefined ? text : undefined, toHeaders(reply));
}

/** Made by the SDK once for each upstream and path: nothing in it depends on what is asked. */
function endpointFor(upstream: Upstream, path: string): Promise<Endpoint> {
  const known = singleton("openai.endpoints", () => new Map<string, Promise<Endpoint>>());
  const name = `${upstream.baseUrl} ${upstream.apiKey} ${path}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = createClient(upstream)
    .buildRequest({ method: "post", path, body: {} })
    .then(({ url, req }) => toEndpoint(url, new Headers(req.headers)));
  known.set(name, made);
  return made;
}

function createClient({ baseUrl, apiKey }: Upstream): OpenAI {
  const alone = { organization: null, project: null, maxRetries: 0 };
  return new OpenAI({ ...alone, baseURL: baseUrl, apiKey, logLevel: "off" });
}

/** What an upstream said of its refusal; undefined where that is no JSON. */
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

/** The ids of the models that an upstream offers. */
export async function listModels(upstream: Upstream, timeoutMs = 10_000): Promise<string[]> {
  const response = await createClient(upstream).models.list({ timeout: timeoutMs });
  return response.data.map((model) => model.id);
}

/** Reads what the SDK threw. By class and status, because an aborted request keeps the name "Error" there. */
export function toUpstreamFailure(error: unknown): UpstreamFailure {
  const plain = { retryAfterMs: null, operatorProblem: null, status: null, refusal: null };
  if (error instanceof OpenAI.APIConnectionError) return { ...plain, code: "model_failed", passing: true };
  if (!(error instanceof OpenAI.APIError)) return { ...plain, code: "model_failed", passing: false };
  const status: number = error.status ?? 0;
  const known = { ...plain, status, retryAfterMs: parseRetryAfter(error.headers) };
  if (status === 401)
    return { ...known, code: "model_unavailable", passing: false, operatorProblem: "refuses our key" };
  if (error.code === "insufficient_quota") {
    const operatorProblem = "says that our account there has no credit left";
    return { ...known, code: "model_unavailable", passing: false, operatorProblem };
  }
  if (status === 403 || status === 404) {
    const operatorProblem = `does not let us use this model (${status})`;
    return { ...known, code: "model_unavailable", passing: false, operatorProblem };
  }
  if (status === 429) return { ...known, code: "model_busy", passing: true };
  if (status >= 500 || status === 408 || status === 409) {
    return {
      ...known,
      code: status === 503 || status === 529 ? "model_busy" : "model_failed",
      passing: true,
    };
  }
  const code = error.code === "context_length_exceeded" ? "context_too_long" : "bad_request";
  return { ...known, code, passing: false, refusal: messageOf(error.error) };
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

/** The error that the rest of the product sees. */
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
