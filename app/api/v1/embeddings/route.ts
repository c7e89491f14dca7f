import { route } from "#app/_http/route.ts";
import { embedForApi } from "#lib/chat/api-embeddings.ts";
import { embeddingsRequestSchema } from "#lib/chat/api-request.ts";

/** OpenAI's embeddings on the workspace's credit. */
export const POST = route(
  {
    auth: "api-key",
    scope: "embeddings",
    errors: "openai",
    body: embeddingsRequestSchema,
    maxBodyBytes: 16_777_216,
  },
  ({ apiKey, body, request, requestId, headers }) =>
    embedForApi({ key: apiKey, request: body, requestId, signal: request.signal, headers }),
);
