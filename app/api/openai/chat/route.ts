import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { startGenerationSchema } from "#lib/chat/generation/stream-events.ts";
import { startGeneration } from "#lib/chat/start/start-generation.ts";

/**
 * Starts a generation and streams it. A repeated request with the same id streams the existing generation.
 */
export const POST = route(
  { auth: "claims", body: startGenerationSchema, maxBodyBytes: 2_097_152 },
  async ({ claims, body, request, requestId }) => {
    const started = await startGeneration(claims, body, requestId);
    return sseStream((signal) => started.read(0, signal), request);
  },
);
