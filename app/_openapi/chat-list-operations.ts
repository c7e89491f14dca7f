import type { Operations } from "#app/_openapi/document.ts";
import { streamHeaders } from "#app/_openapi/headers.ts";
import { feedEventSchema } from "#app/_openapi/own-answers.ts";
import * as readChat from "#app/api/chats/[conversationId]/read/route.ts";
import * as chatFeed from "#app/api/chats/feed/route.ts";
import * as search from "#app/api/search/route.ts";
import { searchResultSchema } from "#lib/chat/search/search-result.ts";

/** The documentation of the routes of the list of chats. */
export const chatListOperations: Operations = {
  "/api/chats/feed": {
    GET: {
      id: "followChats",
      tag: "Chat",
      summary: "Follow the changes of your chats",
      description:
        "Starts after Last-Event-ID, else after `after`, else now. Changes are states, so one may come twice.",
      handler: chatFeed.GET,
      requestHeaders: ["last-event-id"],
      responses: {
        200: {
          description: "The changes.",
          content: { "text/event-stream": feedEventSchema },
          headers: streamHeaders,
        },
        204: { description: "Nobody is signed in." },
      },
      errors: ["too_many_requests"],
    },
  },
  "/api/chats/[conversationId]/read": {
    POST: {
      id: "markChatRead",
      tag: "Chat",
      summary: "Mark a chat as read",
      handler: readChat.POST,
      responses: { 204: { description: "It is read on every device." } },
    },
  },
  "/api/search": {
    GET: {
      id: "searchChats",
      tag: "Chat",
      summary: "Search your chats",
      description:
        "Finds titles and messages that have all words of `q`, newest first. A phrase in quotation marks is found as it is. `after` is `next` of the page before; only the first page has titles. A page may be empty and still have a next one.",
      handler: search.GET,
      responses: {
        200: { description: "A page of results.", content: { "application/json": searchResultSchema } },
      },
    },
  },
};
