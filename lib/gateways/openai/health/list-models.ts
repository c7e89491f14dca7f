import { getFromUpstream, type Upstream } from "#lib/gateways/openai/client.ts";
import { readAll } from "#lib/gateways/openai/http-stream.ts";
import { isObject } from "#lib/gateways/openai/json.ts";
import { UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";

/** The response of an upstream that works. */
export type ModelList = {
  latencyMs: number;
  /** The names of its models; null if it does not list them, which says nothing about them. */
  names: Set<string> | null;
};

/** Aggregators list hundreds of models with descriptions, in a megabyte or two. */
const maxListBytes = 16 * 1024 * 1024;

/**
 * Lists the models of an upstream, once.
 * @throws UpstreamError (the key is rejected, or a status of 500 and more), UpstreamConnectionError, the
 *   signal's reason
 */
export async function listModels(upstream: Upstream, signal: AbortSignal): Promise<ModelList> {
  const startedAtMs = performance.now();
  const latencyMs = () => Math.round(performance.now() - startedAtMs);
  try {
    const bytes = await readAll(await getFromUpstream(upstream, "/models", signal), maxListBytes);
    return { latencyMs: latencyMs(), names: readNames(bytes.toString("utf8")) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof UpstreamError) || isOutage(error)) throw error;
    return { latencyMs: latencyMs(), names: null };
  }
}

/**
 * Whether an error to a request for the list means that the upstream cannot be used. Many servers do not have
 * a list (404, 405, 501), limit requests for it (429), or give keys that may not read it (403, and 401 with
 * these words).
 */
function isOutage({ status, body }: UpstreamError): boolean {
  if (status === 401) return !/scope|permission/i.test(body.message ?? "");
  return status >= 500 && status !== 501;
}

/** Reads OpenAI's `data`, a bare list, and Ollama's and Google's `models`; null for anything else. */
function readNames(text: string): Set<string> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const list = isObject(json) ? (json.data ?? json.models) : json;
  if (!Array.isArray(list)) return null;
  const names = list.flatMap((model) => (isObject(model) ? [model.id, model.name, model.model] : [model]));
  const known = new Set(names.filter((name) => typeof name === "string"));
  return known.size === 0 ? null : known;
}

/**
 * Whether a list contains a model, by any name for it: Google's with a prefix, Ollama's with its usual tag,
 * and OpenRouter's without its variant.
 */
export function isListed(names: ReadonlySet<string>, model: string): boolean {
  const withoutVariant = model.replace(/:[\w-]+$/, "");
  return [model, `models/${model}`, `${model}:latest`, withoutVariant].some((name) => names.has(name));
}
