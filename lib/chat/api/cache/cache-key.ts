import { createHash } from "node:crypto";
import { dropNulls } from "#lib/chat/api/drop-nulls.ts";
import type { CompletionRequest } from "#lib/chat/api/request-schema.ts";
import type { ModerationMode } from "#lib/chat/moderation/settings.ts";
import type { Model } from "#lib/usage/price-list.ts";

/** Changes when stored answers have another form. */
const version = 1;

/**
 * Fields that do not influence the answer. Everything else is part of the key, also fields that we do not
 * know: a cache that lists what matters returns wrong answers for each new parameter.
 */
const ignoredFields = new Set([
  "model",
  "stream",
  "stream_options",
  "user",
  "metadata",
  "store",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "service_tier",
  "max_tokens",
  "max_completion_tokens",
]);

/**
 * Returns the hash of everything that influences the answer. The order of a request's own fields does not
 * matter; within messages, tools and schemas the order is part of the prompt.
 */
export function cacheKey(request: CompletionRequest, model: Model, moderation: ModerationMode): string {
  const limit = request.max_completion_tokens ?? request.max_tokens ?? null;
  const fields = Object.entries(dropNulls(request))
    .filter(([name]) => !ignoredFields.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = [version, model.id, model.upstream, model.upstreamModel, moderation, limit, fields];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/**
 * Whether a request may be answered from the cache. Not with `store: true`, which asks for an effect at the
 * upstream, nor with an image at an address, whose content may change.
 */
export function isCacheable({ store, messages }: CompletionRequest): boolean {
  if (store === true) return false;
  return !messages.some(
    ({ content }) =>
      Array.isArray(content) &&
      content.some((part) => part.type === "image_url" && !part.image_url.url.startsWith("data:")),
  );
}
