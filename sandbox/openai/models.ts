/** What a sandbox model does besides answering, mostly a fault; null for the usual models. */
export type Fault =
  | "429"
  | "429-once"
  | "500"
  | "500-once"
  | "hang"
  | "stall"
  | "cut"
  | "malformed"
  | "no-usage"
  | "invalid-key"
  | "empty"
  | "endless"
  | "error-midstream"
  | "thinking"
  | "length"
  | "content-filter";

export type SandboxModel = {
  id: string;
  kind: "chat" | "embedding";
  fault: Fault | null;
  contextWindow: number;
  /** Embedding dimensions; 0 for chat models. */
  dimensions: number;
  /** Newer model families reject `max_tokens` and accept only `max_completion_tokens`. */
  refusesMaxTokens: boolean;
};

const chatModels = {
  "gpt-5.5": 1_050_000,
  "gpt-5.4": 1_050_000,
  "gpt-5.4-mini": 400_000,
  "gpt-5.4-nano": 400_000,
  "gpt-5.1": 400_000,
  "gpt-5": 400_000,
  "gpt-5-mini": 400_000,
  "gpt-5-nano": 400_000,
  "gpt-4.1": 1_047_576,
  "gpt-4.1-mini": 1_047_576,
  "gpt-4.1-nano": 1_047_576,
  "gpt-4o": 128_000,
  "gpt-4o-mini": 128_000,
};

const embeddingModels = { "text-embedding-3-small": 1536, "text-embedding-3-large": 3072 };

const faults: readonly Fault[] = [
  "429",
  "429-once",
  "500",
  "500-once",
  "hang",
  "stall",
  "cut",
  "malformed",
  "no-usage",
  "invalid-key",
  "empty",
  "endless",
  "error-midstream",
  "thinking",
  "length",
  "content-filter",
];

/** All models by id: names of OpenAI, and models that fail on demand. */
export const models: ReadonlyMap<string, SandboxModel> = new Map(
  [
    ...Object.entries(chatModels).map(([id, contextWindow]) => chatModel(id, contextWindow, null)),
    ...Object.entries(embeddingModels).map(([id, dimensions]) => embeddingModel(id, dimensions)),
    ...faults.map((fault) => chatModel(`sandbox-${fault}`, 128_000, fault)),
  ].map((model) => [model.id, model]),
);

function chatModel(id: string, contextWindow: number, fault: Fault | null): SandboxModel {
  return { id, kind: "chat", fault, contextWindow, dimensions: 0, refusesMaxTokens: id.startsWith("gpt-5") };
}

function embeddingModel(id: string, dimensions: number): SandboxModel {
  return { id, kind: "embedding", fault: null, contextWindow: 8192, dimensions, refusesMaxTokens: false };
}

/** A model in the format of /v1/models. */
export function describeModel({ id, fault }: SandboxModel) {
  return { id, object: "model", created: 1_754_000_000, owned_by: fault === null ? "openai" : "sandbox" };
}
