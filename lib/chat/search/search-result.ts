import { z } from "zod";

const markedText = z.object({
  text: z.string(),
  /** Start and end of what the query found, in UTF-16 units. */
  ranges: z.array(z.tuple([z.int(), z.int()])),
});

const place = z.object({
  conversationId: z.uuid(),
  isPinned: z.boolean(),
  isArchived: z.boolean(),
  /** The name of its project. */
  project: z.string().nullable(),
  model: z.string(),
  at: z.iso.datetime(),
});

/** A conversation whose title has the query; `at` is its last change. */
const titleHit = place.extend({ title: markedText });
/** A message that has the query; `at` is when it was written. */
const messageHit = place.extend({
  messageId: z.uuid(),
  role: z.enum(["user", "assistant"]),
  title: z.string(),
  snippet: markedText,
});

/** A page of results: conversations by their titles on the first page, and messages, both newest first. */
export const searchResultSchema = z.object({
  titles: z.array(titleHit),
  messages: z.array(messageHit),
  /** Where the next page of messages starts; null after the last one. */
  next: z.string().nullable(),
});

export type TitleHit = z.infer<typeof titleHit>;
export type MessageHit = z.infer<typeof messageHit>;
export type SearchResult = z.infer<typeof searchResultSchema>;
export type MarkedText = z.infer<typeof markedText>;
