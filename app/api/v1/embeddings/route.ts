import { route } from "#app/_http/route.ts";
import { maxEmbeddingTokens } from "#lib/chat/api/embedding-input.ts";
import { embedForApi } from "#lib/chat/api/embeddings.ts";
import { findCaller } from "#lib/chat/api/request-credit.ts";
import { embeddingsRequestSchema } from "#lib/chat/api/request-schema.ts";
import { now } from "#lib/core/clock.ts";

/** OpenAI-compatible embeddings, charged to the workspace's credit. */
export const POST = route(
  {
    auth: "secret",
    caller: (secret) => findCaller(secret, "embeddings", now()),
    errors: "openai",
    body: embeddingsRequestSchema,
    maxBodyBytes: 4_194_304,
    // Arrays of tokens, which are cheap to check.
    maxJsonValues: maxEmbeddingTokens + 10_000,
  },
  ({ caller, body, request, requestId, headers }) =>
    embedForApi({ caller, request: body, requestId, signal: request.signal, headers }),
);
