/** The lowest plan that may use a model; an opaque label in this room. */
export type Gate = "free" | "pro" | "enterprise";

/** A model as people write it into a catalogue: dollars per million tokens, as providers' price pages have them. */
export type CatalogueModel = {
  id: string;
  label: string;
  description: string;
  kind: "chat" | "embedding";
  gate: Gate;
  /** What we pay (M8). */
  costUsdPerMillion: { input: number; cachedInput?: number | undefined; output: number };
  /** What the customer pays; cost times the markup where it is not set. */
  priceUsdPerMillion?: { input: number; cachedInput?: number | undefined; output: number } | undefined;
  /** Where the tokenizer's package does not know the model. */
  contextWindow?: number | undefined;
  maxOutputTokens?: number | undefined;
  upstream?: string | undefined;
  /** The model's name at its upstream, where it is not the id. */
  upstreamModel?: string | undefined;
  /** Asked in its place when it cannot answer. */
  fallback?: string | undefined;
  listed?: boolean | undefined;
};

export const defaultMarkup = 1.2;

/**
 * OpenAI's models as they are sold in autumn 2026, with what they cost. The tokenizer's package knows windows for them, but
 * has no prices for the current ones, so the prices stand here; an operator replaces them by MODELS_FILE.
 */
export const builtInModels: CatalogueModel[] = [
  {
    id: "gpt-5.4-mini",
    label: "GPT-5.4 mini",
    description: "Quick and good at nearly everything.",
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.75, cachedInput: 0.075, output: 4.5 },
    fallback: "gpt-4.1-mini",
  },
  {
    id: "gpt-5.4-nano",
    label: "GPT-5.4 nano",
    description: "The quickest and cheapest, for simple questions.",
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.2, cachedInput: 0.02, output: 1.25 },
  },
  {
    id: "gpt-4.1-mini",
    label: "GPT-4.1 mini",
    description: "Answers at once, without reasoning first.",
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.4, cachedInput: 0.1, output: 1.6 },
  },
  {
    id: "gpt-5.4",
    label: "GPT-5.4",
    description: "For hard questions and long documents.",
    kind: "chat",
    gate: "pro",
    costUsdPerMillion: { input: 2.5, cachedInput: 0.25, output: 15 },
    fallback: "gpt-4.1",
  },
  {
    id: "gpt-4.1",
    label: "GPT-4.1",
    description: "A million tokens of context, without reasoning first.",
    kind: "chat",
    gate: "pro",
    costUsdPerMillion: { input: 2, cachedInput: 0.5, output: 8 },
  },
  {
    id: "gpt-5.5",
    label: "GPT-5.5",
    description: "The strongest there is, for work that has to be right.",
    kind: "chat",
    gate: "enterprise",
    costUsdPerMillion: { input: 5, cachedInput: 0.5, output: 30 },
    fallback: "gpt-5.4",
  },
  {
    id: "text-embedding-3-small",
    label: "Embedding 3 small",
    description: "Vectors of 1,536 numbers.",
    kind: "embedding",
    gate: "free",
    costUsdPerMillion: { input: 0.02, output: 0 },
    contextWindow: 8_192,
  },
  {
    id: "text-embedding-3-large",
    label: "Embedding 3 large",
    description: "Vectors of 3,072 numbers.",
    kind: "embedding",
    gate: "free",
    costUsdPerMillion: { input: 0.13, output: 0 },
    contextWindow: 8_192,
  },
];

const failures: [string, string][] = [
  ["429", "Too many requests, always"],
  ["429-once", "Too many requests, then an answer"],
  ["500", "Fails, always"],
  ["500-once", "Fails, then answers"],
  ["hang", "Never says a word"],
  ["stall", "Falls silent in the middle"],
  ["cut", "Breaks off in the middle"],
  ["malformed", "Sends nonsense in the middle"],
  ["error-midstream", "Reports an error in the middle"],
  ["no-usage", "Does not say what it used"],
  ["invalid-key", "Refuses our key"],
  ["empty", "Answers nothing"],
  ["endless", "Never ends"],
];

/** The sandbox's models that fail on demand, for tests and for whoever wants to see an error. */
export const sandboxModels: CatalogueModel[] = failures.map(([name, description]) => ({
  id: `sandbox-${name}`,
  label: `Sandbox: ${name}`,
  description: `${description}.`,
  kind: "chat",
  gate: "free",
  costUsdPerMillion: { input: 0.4, cachedInput: 0.1, output: 1.6 },
  contextWindow: 128_000,
  maxOutputTokens: 32_768,
}));
