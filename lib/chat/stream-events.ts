import { z } from "zod";
import { maxMessageLength } from "#lib/chat/limits.ts";

/** How an answer ended. */
export const outcomeSchema = z.enum(["done", "stopped", "failed", "interrupted", "out_of_credit"]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What an answer used and cost; shown under it. */
export const receiptSchema = z.object({
  model: z.string(),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
  chargedMicros: z.int().nonnegative(),
  /** True when the upstream gave no usage and the tokens were counted by us (M6). */
  estimated: z.boolean(),
  firstTokenMs: z.int().nonnegative().nullable(),
  durationMs: z.int().nonnegative(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** The last event of every answer. */
export const endEventSchema = z.object({
  type: z.literal("end"),
  outcome: outcomeSchema,
  receipt: receiptSchema.nullable(),
  /** Why it failed, in words for the person; `code` is from the table of errors. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** The workspace's available credit once this answer is settled, when known. */
  availableMicros: z.int().nullable(),
});

/**
 * What a reader of a generation receives, in order. The SSE id of an event is the length of the answer's text (in UTF-16
 * units) once the event is applied, so a reader that comes back with Last-Event-ID says exactly how much it has,
 * and the log may merge pieces as it likes.
 */
export const streamEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("title"), title: z.string() }),
  endEventSchema,
]);
export type StreamEvent = z.infer<typeof streamEventSchema>;

/**
 * The body of POST /api/openai/chat. Every id is chosen by the client, so that sending it again after a lost answer
 * starts nothing twice. `message: null` asks for another answer to the user message `parentId`.
 */
export const startGenerationSchema = z
  .object({
    generationId: z.uuid(),
    conversationId: z.uuid(),
    /** The message this one follows; null starts the conversation. */
    parentId: z.uuid().nullable(),
    message: z.object({ id: z.uuid(), text: z.string().trim().min(1).max(maxMessageLength) }).nullable(),
    answerId: z.uuid(),
    model: z.string().min(1).max(200),
  })
  .refine((input) => input.message !== null || input.parentId !== null, {
    path: ["parentId"],
    message: "Another answer needs the message it answers.",
  });
export type StartGeneration = z.infer<typeof startGenerationSchema>;
