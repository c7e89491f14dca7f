import { readFileSync } from "node:fs";
import { z } from "zod";
import { locales } from "#lib/core/locale.ts";
import type { CatalogModel } from "#lib/usage/model-catalog.ts";

const rates = z.object({
  input: z.number().nonnegative(),
  cachedInput: z.number().nonnegative().optional(),
  output: z.number().nonnegative(),
});

const capabilities = {
  maxThinkingSeconds: z.int().positive().max(3_600).optional(),
  outputLimitField: z.enum(["max_completion_tokens", "max_tokens", "none"]).optional(),
  instructionRoles: z.array(z.enum(["system", "developer"])).optional(),
  vision: z.boolean().optional(),
  tools: z.boolean().optional(),
  streamOptions: z.boolean().optional(),
  returnReasoningAs: z.enum(["reasoning_content", "reasoning"]).optional(),
  startsThinking: z.boolean().optional(),
  temperature: z.boolean().optional(),
  reasoningEffort: z.boolean().optional(),
};

const modelSchema = z.strictObject({
  ...capabilities,
  id: z.string().min(1).max(200),
  label: z.string().min(1),
  description: z.union([z.string(), z.record(z.enum(locales), z.string())]).default(""),
  kind: z.enum(["chat", "embedding"]).default("chat"),
  gate: z.string().min(1).default("free"),
  costUsdPerMillion: rates,
  priceUsdPerMillion: rates.optional(),
  contextWindow: z.int().positive().optional(),
  maxOutputTokens: z.int().positive().optional(),
  upstream: z.string().optional(),
  upstreamModel: z.string().optional(),
  fallback: z.string().optional(),
  listed: z.boolean().optional(),
});

const fileSchema = z.strictObject({
  upstreams: z
    .array(
      z.strictObject({
        ...capabilities,
        name: z.string().min(1),
        baseUrl: z.url(),
        /** The name of the environment variable with the key, so that the file contains no secret. */
        apiKeyEnv: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
      }),
    )
    .default([]),
  models: z.array(modelSchema).min(1),
  markup: z.number().min(1).optional(),
  defaultModel: z.string().optional(),
  titleModel: z.string().optional(),
  /** The model that checks input, where the operator has turned that on. */
  moderation: z
    .strictObject({ upstream: z.string().optional(), model: z.string().min(1).optional() })
    .optional(),
});

export type ModelsFile = Omit<z.infer<typeof fileSchema>, "models"> & { models: CatalogModel[] };

/**
 * Reads the operator's model catalog (docs/models.md).
 * @throws Error that lists every problem of the file
 */
export function readModelsFile(path: string): ModelsFile {
  const parsed = fileSchema.safeParse(parseJson(path));
  const problems = parsed.success
    ? unknownReferences(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new Error(`MODELS_FILE ${path} is not right:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
  }
  return parsed.data;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`MODELS_FILE ${path} could not be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Returns the references of the file to models and upstreams that it does not list. */
function unknownReferences({
  upstreams,
  models,
  defaultModel,
  titleModel,
  moderation,
}: z.infer<typeof fileSchema>): string[] {
  const ids = new Set(models.map((model) => model.id));
  const hosts = new Set(["default", ...upstreams.map((upstream) => upstream.name)]);
  const references: [string, string | undefined][] = [
    ["defaultModel", defaultModel],
    ["titleModel", titleModel],
    ...models.map((model): [string, string | undefined] => [`the fallback of ${model.id}`, model.fallback]),
  ];
  return [
    ...(ids.size < models.length ? ["two models have the same id"] : []),
    ...references
      .filter(([, id]) => id !== undefined && !ids.has(id))
      .map(([what, id]) => `${what} is "${id}", which the file does not list`),
    ...(moderation?.upstream === undefined || hosts.has(moderation.upstream)
      ? []
      : [`moderation names the upstream "${moderation.upstream}", which the file does not list`]),
    ...models
      .filter((model) => model.upstream !== undefined && !hosts.has(model.upstream))
      .map((model) => `${model.id} names the upstream "${model.upstream}", which the file does not list`),
  ];
}
