import { z } from "zod";
import { openAiErrorSchema } from "#app/_openapi/error-responses.ts";

/**
 * Answers of the OpenAI-compatible endpoints. They have what an upstream sends: fields that some upstreams
 * omit are optional, and further fields are passed on.
 */
const usage = z
  .looseObject({
    prompt_tokens: z.int().nonnegative().optional(),
    completion_tokens: z.int().nonnegative().optional(),
    total_tokens: z.int().nonnegative().optional(),
    prompt_tokens_details: z.looseObject({ cached_tokens: z.int().nonnegative().nullish() }).nullish(),
    completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().nonnegative().nullish() }).nullish(),
  })
  .meta({ id: "Usage", description: "Tokens of the request." });

const toolCall = z
  .looseObject({
    index: z.int().nonnegative().optional(),
    id: z.string().nullish(),
    type: z.string().nullish(),
    function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).optional(),
  })
  .meta({ id: "ToolCall" });

const content = z.looseObject({
  role: z.string().nullish(),
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z
    .string()
    .nullish()
    .meta({ description: "The model's thinking, from upstreams that show it under this name." }),
  tool_calls: z.array(toolCall).nullish(),
});

const finishReason = z
  .enum(["stop", "length", "content_filter", "tool_calls", "function_call"])
  .nullish()
  .meta({ description: "Why the model stopped; null while it goes on." });

export const completionSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: z.number(),
    model: z
      .string()
      .meta({ description: "The requested model; `x-parley-model` names the one that answered." }),
    choices: z
      .array(
        z.looseObject({
          index: z.int().nonnegative().optional(),
          message: content.meta({ id: "AnswerMessage" }),
          finish_reason: finishReason,
        }),
      )
      .min(1),
    usage: usage.nullish(),
  })
  .meta({ id: "ChatCompletion" });

const completionChunkSchema = z
  .looseObject({
    id: z.string().nullish(),
    object: z.literal("chat.completion.chunk").nullish(),
    created: z.number().nullish(),
    model: z.string().optional(),
    choices: z.array(
      z.looseObject({
        index: z.int().nonnegative().optional(),
        delta: content.meta({ id: "AnswerDelta" }).nullish(),
        finish_reason: finishReason,
      }),
    ),
    usage: usage.nullish(),
  })
  .meta({ id: "ChatCompletionChunk" });

/** The data of an event of a streamed completion. */
export const completionEventSchema = z
  .union([
    completionChunkSchema,
    openAiErrorSchema,
    z.literal("[DONE]").meta({ description: "The last event of a complete answer. It is not JSON." }),
  ])
  .meta({ id: "ChatCompletionEvent" });

export const embeddingsSchema = z
  .looseObject({
    object: z.string().optional(),
    model: z.string(),
    data: z
      .array(
        z.looseObject({
          object: z.string().optional(),
          index: z.int().nonnegative().optional(),
          embedding: z.union([
            z.array(z.number()),
            z.string().meta({ description: "With `encoding_format: base64`." }),
          ]),
        }),
      )
      .min(1),
    usage: usage.nullish(),
  })
  .meta({ id: "Embeddings" });

export const modelListSchema = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z
        .looseObject({
          id: z.string(),
          object: z.literal("model"),
          created: z.int(),
          owned_by: z.string(),
          status: z
            .enum(["available", "fallback", "unavailable"])
            .meta({ description: "`fallback`: another model answers." }),
        })
        .meta({ id: "Model" }),
    ),
  })
  .meta({ id: "ModelList" });
