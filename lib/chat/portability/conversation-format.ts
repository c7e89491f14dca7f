import { z } from "zod";
import { ratingSchema } from "#lib/chat/conversations/rating.ts";
import { instructionSchema, outcomeSchema } from "#lib/chat/generation/stream-events.ts";

/**
 * Parley's own format of a conversation: the complete tree, one JSON document per conversation. A reader of
 * version 1 ignores unknown fields; a change that it could not read gets a new version.
 */
export const conversationFormat = { format: "parley.conversation", version: 1 } as const;

const partSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  /** The model's thinking, and how long it took. */
  z.object({ type: z.literal("reasoning"), text: z.string(), durationMs: z.number().int().nonnegative() }),
]);

const messageSchema = z.object({
  id: z.uuid(),
  /** Null at the root. */
  parentId: z.uuid().nullable(),
  role: z.enum(["user", "assistant"]),
  createdAt: z.iso.datetime(),
  /** The model that answered; null for the user's messages. */
  model: z.string().nullable(),
  /** How an answer ended; "done" for the user's messages. */
  status: outcomeSchema,
  parts: z.array(partSchema),
  /** The files of a message of the user by name; their bytes are not in the document. */
  attachments: z.array(z.object({ name: z.string(), contentType: z.string(), bytes: z.number() })).optional(),
  /** What the regeneration that made the answer asked for. */
  instruction: instructionSchema.nullable().optional(),
  /** The user's rating of the answer. */
  rating: ratingSchema.nullable().optional(),
  /** What the answer cost, for information; an import ignores it. */
  receipt: z
    .object({
      promptTokens: z.number().nullable(),
      completionTokens: z.number().nullable(),
      chargedMicros: z.number(),
    })
    .nullable()
    .optional(),
});

export const conversationDocumentSchema = z.object({
  format: z.literal(conversationFormat.format),
  version: z.literal(conversationFormat.version),
  id: z.uuid(),
  title: z.string(),
  model: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** The leaf of the branch that is shown. */
  activeLeafId: z.uuid().nullable(),
  messages: z.array(messageSchema),
});

export type DocumentMessage = z.infer<typeof messageSchema>;
