import { route } from "#app/_http/route.ts";
import { startComparisonSchema } from "#lib/chat/generation/stream-events.ts";
import { startComparison } from "#lib/chat/start/start-comparison.ts";

/**
 * Starts the answers of several models to one message; each is read by its own stream. A repeated request
 * starts nothing twice.
 */
export const POST = route(
  { auth: "claims", body: startComparisonSchema, maxBodyBytes: 2_097_152 },
  async ({ claims, body, requestId }) => {
    const starts = await startComparison(claims, body, requestId);
    const answers = starts.map(({ generationId, error }) => ({
      generationId,
      error: error === null ? null : { code: error.code, message: error.message, reason: error.reason },
    }));
    return { answers };
  },
);
