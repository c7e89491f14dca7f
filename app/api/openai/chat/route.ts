import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";
import { startGenerationSchema } from "#lib/chat/generation/stream-events.ts";
import { startGeneration } from "#lib/chat/start/start-generation.ts";

/**
 * Starts a generation and streams it. A repeated request with the same id streams the existing generation.
 */
export const POST = route(
  { auth: "claims", body: startGenerationSchema, maxBodyBytes: 2_097_152 },
  async ({ claims, body, request, requestId }) => {
    const slot = openReader({ personId: claims.userId, credentialId: claims.sessionId });
    const started = await startGeneration(claims, body, requestId).catch((error) => {
      slot.release();
      throw error;
    });
    return sseStream((outer) => slot.read(outer, (signal) => started.read(0, signal)), request);
  },
);
