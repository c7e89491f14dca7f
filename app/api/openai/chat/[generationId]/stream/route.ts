import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";

const position = z.coerce.number().int().min(0).max(2_000_000_000);

/** Resumes the stream of a generation after Last-Event-ID, else after `?after=`, else from the beginning. */
export const GET = route(
  {
    auth: "claims",
    params: z.object({ generationId: z.uuid() }),
    query: z.object({ after: position.optional() }),
  },
  ({ claims, params, query, request }) => {
    const lastEventId = position.safeParse(request.headers.get("last-event-id") ?? undefined);
    const after = lastEventId.data ?? query.after ?? 0;
    const read = (signal: AbortSignal) => readGeneration(claims, params.generationId, after, signal);
    const slot = openReader({ personId: claims.userId, credentialId: claims.sessionId });
    return sseStream((outer) => slot.read(outer, read), request);
  },
);
