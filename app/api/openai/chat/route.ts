import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { startGeneration } from "#lib/chat/start-generation.ts";
import { startGenerationSchema } from "#lib/chat/stream-events.ts";

/** Starts an answer and streams it. Sent again with the same id, it starts nothing and streams the same answer. */
export const POST = route(
  { auth: "claims", body: startGenerationSchema, maxBodyBytes: 2_097_152 },
  async ({ claims, body, request, requestId }) => {
    const started = await startGeneration(claims, body, requestId);
    return sseStream((signal) => started.read(0, signal), request);
  },
);
