import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { db } from "#db/client.ts";
import { changeConversations } from "#lib/chat/conversations/change-conversations.ts";
import { now } from "#lib/core/clock.ts";

/** Marks a conversation as read, on every device. */
export const POST = route(
  { auth: "user", params: z.object({ conversationId: z.uuid() }) },
  async ({ identity: { workspaceId, userId }, params }) => {
    await changeConversations(db(), workspaceId, userId, [params.conversationId], { type: "read" }, now());
  },
);
