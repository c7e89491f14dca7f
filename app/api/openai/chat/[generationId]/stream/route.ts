import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { readGeneration } from "#lib/chat/read-generation.ts";

const position = z.coerce.number().int().min(0).max(2_000_000_000);

/** Goes on with an answer where the reader left off: after Last-Event-ID, or `?after=`, or from its beginning. */
export const GET = route(
  {
    auth: "claims",
    params: z.object({ generationId: z.uuid() }),
    query: z.object({ after: position.optional() }),
  },
  ({ claims, params, query, request }) => {
    const last = position.safeParse(request.headers.get("last-event-id") ?? undefined);
    const after = last.data ?? query.after ?? 0;
    return sseStream((signal) => readGeneration(claims, params.generationId, after, signal), request);
  },
);
