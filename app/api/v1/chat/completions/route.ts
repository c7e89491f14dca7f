import { route } from "#app/_http/route.ts";
import { byteStream } from "#app/_http/sse.ts";
import { completeForApi, streamForApi } from "#lib/chat/api-completions.ts";
import { completionRequestSchema } from "#lib/chat/api-request.ts";

/** OpenAI's chat completions on the workspace's credit. */
export const POST = route(
  {
    auth: "api-key",
    scope: "chat",
    errors: "openai",
    body: completionRequestSchema,
    maxBodyBytes: 16_777_216,
  },
  async ({ apiKey, body, request, requestId, headers }) => {
    const call = { key: apiKey, request: body, requestId, headers };
    if (body.stream !== true) return completeForApi({ ...call, signal: request.signal });
    return byteStream((signal) => streamForApi({ ...call, signal }), request);
  },
);
