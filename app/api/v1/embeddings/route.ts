import { JsonBytes } from "#app/_http/http-result.ts";
import { route } from "#app/_http/route.ts";
import { maxEmbeddingTokens } from "#lib/chat/api/embedding-input.ts";
import { embedForApi } from "#lib/chat/api/embeddings.ts";
import { findCaller } from "#lib/chat/api/request-credit.ts";
import { embeddingsRequestSchema, maxApiBodyBytes } from "#lib/chat/api/request-schema.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";
import { now } from "#lib/core/clock.ts";

/** OpenAI-compatible embeddings, charged to the workspace's credit. */
export const POST = route(
  {
    auth: "secret",
    caller: (secret) => findCaller(secret, "embeddings", now()),
    errors: "openai",
    body: embeddingsRequestSchema,
    maxBodyBytes: maxApiBodyBytes,
    // Arrays of tokens, which are cheap to check.
    maxJsonValues: maxEmbeddingTokens + 10_000,
  },
  async ({ caller, body, request, requestId, headers }) => {
    const slot = openReader({ personId: requestId, credentialId: caller.key.apiKeyId });
    const call = { caller, request: body, requestId, headers };
    return new JsonBytes(await slot.run(request.signal, (signal) => embedForApi({ ...call, signal })));
  },
);
