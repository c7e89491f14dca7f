import { createHash } from "node:crypto";
import { isObject, readModel } from "./chat-request.ts";
import { badRequest } from "./openai-failure.ts";
import { tokensOf } from "./tokens.ts";

/**
 * Creates embeddings from a text's words: equal texts have equal vectors, and texts with common words are
 * similar.
 * @throws Failure for an invalid request
 */
export function embed(body: unknown) {
  if (!isObject(body)) throw badRequest("We could not parse the JSON body of your request.");
  const model = readModel(body.model, "embedding");
  const inputs = readInputs(body.input);
  const dimensions = typeof body.dimensions === "number" ? body.dimensions : model.dimensions;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > model.dimensions)
    throw badRequest(`Invalid value for 'dimensions' = ${dimensions}. Must be at most ${model.dimensions}.`, {
      param: "dimensions",
    });
  const promptTokens = inputs.reduce((sum, tokens) => sum + tokens.length, 0);
  return {
    promptTokens,
    json: {
      object: "list",
      data: inputs.map((tokens, index) => {
        const vector = vectorOf(tokens, dimensions);
        return {
          object: "embedding",
          index,
          embedding: body.encoding_format === "base64" ? toBase64(vector) : vector,
        };
      }),
      model: model.id,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    },
  };
}

/** Reads text, texts, tokens or token arrays as token arrays. */
function readInputs(input: unknown): number[][] {
  const inputs: unknown[] = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
  const read = inputs.map((one) =>
    typeof one === "string" ? tokensOf(one) : Array.isArray(one) ? one.map(Number) : [],
  );
  if (read.length === 0 || read.length > 2048 || read.some((tokens) => tokens.length === 0))
    throw badRequest(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  if (read.some((tokens) => tokens.length > 8192))
    throw badRequest("This model's maximum context length is 8192 tokens.", {
      code: "context_length_exceeded",
    });
  return read;
}

const placesPerToken = 8;

function vectorOf(tokens: readonly number[], dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const token of tokens) {
    const hash = createHash("sha256").update(String(token)).digest();
    for (let place = 0; place < placesPerToken; place += 1) {
      const bits = hash.readUInt32LE(place * 4);
      const index = (bits >>> 1) % dimensions;
      vector[index] = (vector[index] ?? 0) + ((bits & 1) === 0 ? 1 : -1);
    }
  }
  // The values of a short text can cancel out, and a vector must not be zero.
  const length = Math.hypot(...vector);
  return length === 0 ? vector.with(0, 1) : vector.map((value) => value / length);
}

function toBase64(vector: readonly number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
}
