import { route } from "#app/_http/route.ts";
import { db } from "#db/client.ts";
import { searchChats } from "#lib/chat/search/search-chats.ts";
import { searchRequestSchema } from "#lib/chat/search/search-request.ts";
import { now } from "#lib/core/clock.ts";

/** Searches the titles and messages of the user's chats. */
export const GET = route(
  { auth: "user", query: searchRequestSchema },
  ({ identity: { workspaceId, userId }, query }) => searchChats(db(), { workspaceId, userId }, query, now()),
);
