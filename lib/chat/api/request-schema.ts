import { z } from "zod";
import { parseEmbeddingInput } from "#lib/chat/api/embedding-input.ts";
import { findUnmetered } from "#lib/chat/api/unmetered-fields.ts";

/** The largest body of a request to a model; images and recordings are in it. */
export const maxApiBodyBytes = 4_194_304;

/** Bounds of the lists of a request. OpenAI's own are lower, or absent. */
const maxMessages = 10_000;
const maxParts = 2_048;
const maxTools = 512;
const maxStops = 64;
const maxBiases = 1_024;

/** Parts keep their further fields, for example `cache_control`. */
const contentPart = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({
    type: z.literal("image_url"),
    image_url: z.looseObject({ url: z.string().min(1), detail: z.string().nullish() }),
  }),
  z.looseObject({
    type: z.literal("input_audio"),
    input_audio: z.looseObject({ data: z.string(), format: z.string().nullish() }),
  }),
  z.looseObject({
    type: z.literal("file"),
    file: z.looseObject({ file_data: z.string().nullish(), filename: z.string().nullish() }),
  }),
  z.looseObject({ type: z.literal("refusal"), refusal: z.string() }),
  z.looseObject({ type: z.literal("thinking"), thinking: z.unknown() }),
]);
export type ContentPart = z.infer<typeof contentPart>;

const toolCall = z.looseObject({ id: z.string(), type: z.string().nullish() });

/** Messages keep their further fields, for example `reasoning_content`. */
const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(contentPart).max(maxParts)]).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).max(maxTools).nullish(),
  tool_call_id: z.string().nullish(),
  refusal: z.string().nullish(),
});

const tool = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
  z.looseObject({ type: z.literal("custom"), custom: z.looseObject({ name: z.string() }) }),
]);

const positive = z.int().min(1);

/** Zod builds an issue for each invalid entry of a record; this check ends at the first. */
const logitBias = z.preprocess(
  (value, context) => {
    if (typeof value !== "object" || value === null) return value;
    const problem = findBiasProblem(value);
    if (problem !== null) context.addIssue({ code: "custom", ...problem });
    return value;
  },
  z.record(z.string(), z.number()),
);

function findBiasProblem(biases: object): { path?: string[]; message: string } | null {
  let count = 0;
  for (const [token, bias] of Object.entries(biases)) {
    count += 1;
    if (count > maxBiases) return { message: `Too big: expected at most ${maxBiases} entries` };
    if (typeof bias !== "number") return { path: [token], message: "Invalid input: expected number" };
  }
  return null;
}

/**
 * The body of POST /api/v1/chat/completions. Fields that are not listed here are passed on to the upstream,
 * except those that cost more than the price list covers, which are refused by name.
 */
export const completionRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(200),
    messages: z.array(message).min(1).max(maxMessages),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: positive.nullish(),
    max_completion_tokens: positive.nullish(),
    n: positive.max(8).nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(maxStops)]).nullish(),
    presence_penalty: z.number().nullish(),
    frequency_penalty: z.number().nullish(),
    logit_bias: logitBias.nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().nullish(),
    seed: z.int().nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    tools: z.array(tool).max(maxTools).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    reasoning_effort: z.string().nullish(),
    verbosity: z.string().nullish(),
    user: z.string().nullish(),
  })
  .superRefine((request, context) => {
    const problem = findUnmetered(request);
    if (problem !== null) context.addIssue({ code: "custom", ...problem });
  })
  .meta({ id: "ChatCompletionRequest" });
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** The body of POST /api/v1/embeddings: texts or arrays of tokens. */
export const embeddingsRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(200),
    input: z
      .unknown()
      .transform((value, context) => {
        const parsed = parseEmbeddingInput(value);
        if ("texts" in parsed || "tokens" in parsed) return parsed;
        context.addIssue({ code: "custom", message: parsed.message });
        return z.NEVER;
      })
      .meta({
        anyOf: [
          { type: "string" },
          { type: "array", items: { type: "string" } },
          { type: "array", items: { type: "integer" } },
          { type: "array", items: { type: "array", items: { type: "integer" } } },
        ],
      }),
    dimensions: positive.nullish(),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    user: z.string().nullish(),
  })
  .meta({ id: "EmbeddingsRequest" });
export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;
