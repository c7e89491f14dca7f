import { JsonBytes } from "#app/_http/http-result.ts";
import { route } from "#app/_http/route.ts";
import { encodedSseStream } from "#app/_http/sse.ts";
import { readCacheControl } from "#lib/chat/api/cache/cache-control.ts";
import { completeForApi, streamForApi } from "#lib/chat/api/completions.ts";
import { findCaller } from "#lib/chat/api/request-credit.ts";
import { completionRequestSchema, maxApiBodyBytes } from "#lib/chat/api/request-schema.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";
import { now } from "#lib/core/clock.ts";

/** OpenAI-compatible chat completions, charged to the workspace's credit. */
export const POST = route(
  {
    auth: "secret",
    caller: (secret) => findCaller(secret, "chat", now()),
    errors: "openai",
    body: completionRequestSchema,
    maxBodyBytes: maxApiBodyBytes,
  },
  async ({ caller, body, request, requestId, headers }) => {
    const cache = readCacheControl(request.headers, caller.key.cachesAnswers);
    const call = { caller, request: body, requestId, headers, cache };
    // The rate limit and the credit bound the streams of a key; each reads on behalf of itself.
    const slot = openReader({ personId: requestId, credentialId: caller.key.apiKeyId });
    if (body.stream !== true) {
      const completion = await slot.run(request.signal, (signal) => completeForApi({ ...call, signal }));
      return Array.isArray(completion) ? new JsonBytes(completion) : completion;
    }
    const open = (signal: AbortSignal) => streamForApi({ ...call, signal });
    return encodedSseStream((outer) => slot.read(outer, open), request);
  },
);
