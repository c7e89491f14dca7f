import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { sseStream } from "#app/_http/sse.ts";
import { readFeed } from "#lib/chat/conversations/feed/read-feed.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";

const cursor = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Streams the changes of the conversation list after Last-Event-ID, else after `?after=`, else after now. */
export const GET = route(
  { auth: "user", isEmptySignedOut: true, query: z.object({ after: cursor.optional() }) },
  ({ identity, claims, query, request }) => {
    const lastEventId = cursor.safeParse(request.headers.get("last-event-id") ?? undefined);
    const after = lastEventId.data ?? query.after ?? null;
    const slot = openReader({ personId: claims.userId, credentialId: claims.sessionId, kind: "list" });
    return sseStream(
      (outer) => slot.read(outer, async (signal) => readFeed(identity, after, signal)),
      request,
    );
  },
);
