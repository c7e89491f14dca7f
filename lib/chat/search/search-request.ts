import { z } from "zod";
import { maxQueryLength } from "#lib/chat/search/parse-query.ts";

/** The position of the last message that a page has looked at. */
export type SearchPosition = { at: Date; id: string };

const position = z
  .string()
  .max(100)
  .transform((text, context): SearchPosition => {
    const [at = "", id = ""] = text.split("_");
    const parsed = z.object({ at: z.iso.datetime(), id: z.uuid() }).safeParse({ at, id });
    if (parsed.success) return { at: new Date(parsed.data.at), id: parsed.data.id };
    context.addIssue({ code: "custom", message: "Invalid position" });
    return z.NEVER;
  });

/** A search as a URL's query. Filters restrict both titles and messages. */
export const searchRequestSchema = z.object({
  q: z.string().max(maxQueryLength),
  /** The model that wrote the answer; for other hits the model of the conversation. */
  model: z.string().max(200).optional(),
  /** Written, or changed, in this period; the end is exclusive. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  pinned: z.literal("1").optional(),
  /** `next` of the page before. */
  after: position.optional(),
});

export type SearchRequest = z.infer<typeof searchRequestSchema>;

export function formatPosition({ at, id }: SearchPosition): string {
  return `${at.toISOString()}_${id}`;
}
