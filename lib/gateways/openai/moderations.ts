import { postToUpstream, toUpstreamFailure, type Upstream } from "#lib/gateways/openai/client.ts";
import { readAll } from "#lib/gateways/openai/http-stream.ts";
import { isObject } from "#lib/gateways/openai/json.ts";
import { MalformedAnswer } from "#lib/gateways/openai/upstream-errors.ts";

/** A moderation model at its upstream. */
export type ModerationTarget = { upstream: Upstream; model: string };

const maxResponseBytes = 4 * 1024 * 1024;
const maxAttempts = 2;

/**
 * Asks an upstream to judge texts, with one retry.
 * @returns the categories for which a text was flagged; empty if none was. "flagged" stands for a category
 *   that was not named.
 * @throws UpstreamError, UpstreamConnectionError, MalformedAnswer, the signal's reason
 */
export async function moderateTexts(
  { upstream, model }: ModerationTarget,
  texts: string[],
  signal: AbortSignal,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const source = await postToUpstream(upstream, "/moderations", { model, input: texts }, signal);
      return readCategories(await readAll(source, maxResponseBytes), texts.length);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (attempt === maxAttempts || !toUpstreamFailure(error).retryable) throw error;
    }
  }
}

/** Each text must have a result: a missing one would pass unjudged. */
function readCategories(bytes: Buffer, count: number): string[] {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new MalformedAnswer(`${bytes.length} bytes that are not JSON`);
  }
  const results = isObject(json) ? json.results : undefined;
  if (!Array.isArray(results) || results.length !== count)
    throw new MalformedAnswer("moderation results that do not match the input");
  return [...new Set(results.flatMap(categoriesOf))];
}

function categoriesOf(result: unknown): string[] {
  if (!isObject(result) || typeof result.flagged !== "boolean")
    throw new MalformedAnswer("a moderation result without a verdict");
  if (!result.flagged) return [];
  const categories = isObject(result.categories) ? result.categories : {};
  const names = Object.keys(categories).filter(
    (name) => categories[name] === true && /^[\w/-]{1,60}$/.test(name),
  );
  return names.length === 0 ? ["flagged"] : names;
}
