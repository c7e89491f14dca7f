import { z } from "zod";
import { tokensPerMessage, tokensPerPrompt } from "#lib/usage/tokens.ts";

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const imagePart = z.object({
  type: z.literal("image_url"),
  image_url: z.object({ url: z.string(), detail: z.string().optional() }),
});
const refusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
const contentPart = z.discriminatedUnion("type", [textPart, imagePart, refusalPart]);
const toolCall = z.looseObject({
  id: z.string(),
  type: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }).optional(),
});
/** Bounds of the lists of a request. OpenAI's own are lower, or absent. */
const maxMessages = 10_000;
const maxParts = 2_048;
const maxTools = 512;
const maxStops = 64;
const maxBiases = 1_024;

const message = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(contentPart).max(maxParts)]).nullish(),
  name: z.string().optional(),
  tool_calls: z.array(toolCall).max(maxTools).optional(),
  tool_call_id: z.string().optional(),
  refusal: z.string().nullish(),
});

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
 * The body of POST /api/v1/chat/completions: the part of OpenAI's protocol that is charged by tokens alone.
 * Fields that are not listed here do not reach the upstream, so that no request can use what the price list
 * does not cover (another service tier, web search, audio).
 */
export const completionRequestSchema = z.object({
  model: z.string().min(1).max(200),
  messages: z.array(message).min(1).max(maxMessages),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
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
  response_format: z.looseObject({ type: z.string() }).optional(),
  tools: z
    .array(z.looseObject({ type: z.literal("function") }))
    .max(maxTools)
    .optional(),
  tool_choice: z.unknown().optional(),
  parallel_tool_calls: z.boolean().optional(),
  reasoning_effort: z.string().nullish(),
  verbosity: z.string().nullish(),
  user: z.string().optional(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

export const embeddingsRequestSchema = z.object({
  model: z.string().min(1).max(200),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2_048)]),
  dimensions: positive.optional(),
  encoding_format: z.enum(["float", "base64"]).optional(),
  user: z.string().optional(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;

/** More than an image costs in most models. The charge uses the upstream's count. */
const tokensPerImage = 1_600;

/** The texts of a request that cost prompt tokens, and the tokens that it costs besides them. */
export type PromptSize = { texts: string[]; otherTokens: number };

/** Returns what the prompt tokens of a request are estimated from. The charge uses the upstream's count. */
export function toPromptSize(request: CompletionRequest): PromptSize {
  const tools = request.tools === undefined ? "" : JSON.stringify(request.tools);
  const format = request.response_format === undefined ? "" : JSON.stringify(request.response_format);
  const texts = request.messages.map(({ content, tool_calls: calls }) => {
    const text = typeof content === "string" ? content : (content ?? []).map(textOf).join("\n");
    return text + (calls === undefined ? "" : JSON.stringify(calls));
  });
  const images = request.messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.filter((part) => part.type === "image_url") : [],
  );
  const otherTokens =
    images.length * tokensPerImage + request.messages.length * tokensPerMessage + tokensPerPrompt;
  return { texts: [...texts, tools, format], otherTokens };
}

function textOf(part: z.infer<typeof contentPart>): string {
  if (part.type === "text") return part.text;
  return part.type === "refusal" ? part.refusal : "";
}
