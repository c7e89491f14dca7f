import { z } from "zod";
import { maxFilesPerMessage } from "#lib/chat/files/attachment-limits.ts";
import { maxCompared, maxMessageLength, trimMessage } from "#lib/chat/generation/message-limit.ts";
import {
  type AnswerParameters,
  answerLimits,
  defaultParameters,
  maxTemperature,
  reasoningEfforts,
  temperatureStep,
} from "#lib/chat/generation/parameters/answer-parameters.ts";

/** How a generation ended. `length`: at the limit of an answer; `content_filter`: by the model's filter. */
export const outcomeSchema = z.enum([
  "done",
  "length",
  "content_filter",
  "stopped",
  "failed",
  "interrupted",
  "out_of_credit",
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** Tokens, charge and times of an answer; shown under it. */
export const receiptSchema = z
  .object({
    model: z.string(),
    promptTokens: z.int().nonnegative(),
    completionTokens: z.int().nonnegative(),
    /** Parts of the prompt and of the completion; 0 for answers that ended before they were stored. */
    cachedTokens: z.int().nonnegative().default(0),
    reasoningTokens: z.int().nonnegative().default(0),
    chargedMicros: z.int().nonnegative(),
    /** True when the upstream reported no usage and we counted the tokens (M6). */
    estimated: z.boolean(),
    firstTokenMs: z.int().nonnegative().nullable(),
    durationMs: z.int().nonnegative(),
    /**
     * The first message that the model was sent, when earlier ones did not fit into its context; null when it
     * was sent all.
     */
    firstMessageId: z.uuid().nullable().default(null),
  })
  .meta({ id: "Receipt" });
export type Receipt = z.infer<typeof receiptSchema>;

/** The last event of every generation. */
export const endEventSchema = z
  .object({
    type: z.literal("end"),
    outcome: outcomeSchema,
    receipt: receiptSchema.nullable(),
    /** Why it failed: a code of the error table, and a message for the user. */
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** The available credit of the workspace after the settlement; null when unknown. */
    availableMicros: z.int().nullable(),
    /** How long the model thought, in milliseconds; 0 when it showed no thinking. */
    thoughtMs: z.int().nonnegative().default(0),
  })
  .meta({ id: "EndEvent" });

/**
 * The events that a reader of a generation receives, in order; see docs/stream-protocol.md. The SSE id of an
 * event is the length of everything that was streamed, thinking and text, in UTF-16 units, after the event. A
 * reader that reconnects with Last-Event-ID states exactly what it has, so the log may merge pieces.
 */
export const streamEventSchema = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }).meta({ id: "TextEvent" }),
    /** `thoughtMs`: how long the model has thought so far, in milliseconds. */
    z
      .object({ type: z.literal("reasoning"), text: z.string(), thoughtMs: z.int().nonnegative() })
      .meta({ id: "ReasoningEvent" }),
    z.object({ type: z.literal("title"), title: z.string() }).meta({ id: "TitleEvent" }),
    endEventSchema,
  ])
  .meta({ id: "StreamEvent" });
export type StreamEvent = z.infer<typeof streamEventSchema>;
export type EndEvent = Extract<StreamEvent, { type: "end" }>;
export type NumberedEvent = { id: number; event: StreamEvent };

const newMessageSchema = z
  .object({
    id: z.uuid(),
    text: z.string().transform(trimMessage).pipe(z.string().max(maxMessageLength)),
    /** Uploaded files that the message contains, in order. */
    attachments: z.array(z.uuid()).max(maxFilesPerMessage).optional(),
  })
  .refine(({ text, attachments = [] }) => text !== "" || attachments.length > 0, {
    path: ["text"],
    message: "A message needs a text or a file.",
  })
  .refine(({ attachments = [] }) => new Set(attachments).size === attachments.length, {
    path: ["attachments"],
    message: "A file can be in a message once.",
  });

/** What a regeneration may ask for besides the user's message. */
export const instructionSchema = z.enum(["shorter", "longer"]);
export type Instruction = z.infer<typeof instructionSchema>;

/** The longest text of an earlier message; an answer may be longer than a message. */
const maxHistoryTextLength = 2 * maxMessageLength;
const maxHistoryMessages = 2_000;

const historyMessageSchema = z.object({
  role: z.enum(["user", "assistant"]),
  text: z.string().max(maxHistoryTextLength),
  /** Names the message in the receipt, where earlier ones did not fit. */
  id: z.uuid().optional(),
});
/** An earlier message of a temporary chat. */
export type HistoryMessage = z.infer<typeof historyMessageSchema>;

/** The parameters of answers (answer-parameters.ts). */
export const answerParametersSchema = z
  .strictObject({
    temperature: z.number().min(0).max(maxTemperature).multipleOf(temperatureStep).nullable(),
    maxTokens: z.union(answerLimits.map((limit) => z.literal(limit))).nullable(),
    effort: z.enum(reasoningEfforts).nullable(),
  })
  .meta({ id: "AnswerParameters" });

/** Returns stored parameters; the defaults where there are none, or where they are not valid any more. */
export function toParameters(stored: unknown): AnswerParameters {
  return answerParametersSchema.safeParse(stored).data ?? defaultParameters;
}

/**
 * The body of POST /api/openai/chat. The client chooses every id, so a retry starts nothing twice. `message:
 * null` regenerates the answer to `parentId` if that is a user message, and continues `parentId` if that is
 * an answer that ended early.
 */
export const startGenerationSchema = z
  .object({
    generationId: z.uuid(),
    conversationId: z.uuid(),
    /** The message that this one follows; null starts the conversation. */
    parentId: z.uuid().nullable(),
    message: newMessageSchema.nullable(),
    answerId: z.uuid(),
    model: z.string().min(1).max(200),
    /** For a regeneration: the model is told to answer with less or more detail. */
    instruction: instructionSchema.optional(),
    /**
     * Makes the chat temporary: its text is not stored, so the request contains the earlier messages, oldest
     * first. For a regeneration the last one is the message to answer.
     */
    temporary: z.object({ history: z.array(historyMessageSchema).max(maxHistoryMessages) }).optional(),
    /** How the answer is made; the conversation keeps them. */
    parameters: answerParametersSchema.optional(),
  })
  .refine((input) => input.message !== null || (input.temporary ?? input.parentId) !== null, {
    path: ["parentId"],
    message: "Another answer needs the message it answers.",
  })
  .refine((input) => input.temporary === undefined || (input.message?.attachments ?? []).length === 0, {
    path: ["message", "attachments"],
    message: "A temporary chat stores nothing, so it takes no files.",
  })
  .refine((input) => input.temporary === undefined || input.parentId === null, {
    path: ["parentId"],
    message: "A temporary chat has no stored messages.",
  })
  .refine((input) => input.message === null || input.instruction === undefined, {
    path: ["instruction"],
    message: "Only another answer takes an instruction.",
  })
  .meta({ id: "GenerationRequest" });
export type StartGeneration = z.infer<typeof startGenerationSchema>;

/**
 * The body of POST /api/openai/chat/compare: one message that several models answer at the same time. The
 * client chooses every id, so a retry starts nothing twice.
 */
export const startComparisonSchema = z
  .object({
    conversationId: z.uuid(),
    /** The message that this one follows; null starts the conversation. */
    parentId: z.uuid().nullable(),
    message: newMessageSchema,
    answers: z
      .array(z.object({ generationId: z.uuid(), answerId: z.uuid(), model: z.string().min(1).max(200) }))
      .min(2)
      .max(maxCompared),
    parameters: answerParametersSchema.optional(),
  })
  .refine(({ answers }) => new Set(answers.map(({ model }) => model)).size === answers.length, {
    path: ["answers"],
    message: "Each model answers once.",
  })
  .meta({ id: "ComparisonRequest" });
export type StartComparison = z.infer<typeof startComparisonSchema>;
