import type { LocalizedText } from "#lib/core/locale.ts";
import type { Capabilities } from "#lib/gateways/openai/request-body.ts";

/** The label of a gate that plans open. The plans define the labels; here they are opaque. */
export type Gate = string;

/**
 * What a model accepts, as far as it differs from OpenAI's models; also of an upstream, for all its models.
 */
export type CatalogCapabilities = {
  /** The longest time before the first text, in seconds; silent models may use it too. */
  maxThinkingSeconds?: number | undefined;
  outputLimitField?: "max_completion_tokens" | "max_tokens" | "none" | undefined;
  instructionRoles?: ("system" | "developer")[] | undefined;
  vision?: boolean | undefined;
  tools?: boolean | undefined;
  streamOptions?: boolean | undefined;
  returnReasoningAs?: "reasoning_content" | "reasoning" | undefined;
  startsThinking?: boolean | undefined;
  /** By default true unless the model takes a reasoning effort. */
  temperature?: boolean | undefined;
  reasoningEffort?: boolean | undefined;
};

/** Returns the capabilities that entries of the catalog state; the first entry that states one wins. */
export function toCapabilities(...entries: CatalogCapabilities[]): Capabilities {
  const stated = <K extends keyof CatalogCapabilities>(name: K): CatalogCapabilities[K] =>
    entries.find((entry) => entry[name] !== undefined)?.[name];
  const seconds = stated("maxThinkingSeconds");
  const field = stated("outputLimitField") ?? "max_completion_tokens";
  const reasoningEffort = stated("reasoningEffort") ?? false;
  return {
    maxThinkingMs: seconds === undefined ? null : seconds * 1_000,
    outputLimitField: field === "none" ? null : field,
    instructionRoles: stated("instructionRoles") ?? ["system", "developer"],
    vision: stated("vision") ?? true,
    tools: stated("tools") ?? true,
    streamOptions: stated("streamOptions") ?? true,
    returnReasoningAs: stated("returnReasoningAs") ?? null,
    startsThinking: stated("startsThinking") ?? false,
    temperature: stated("temperature") ?? !reasoningEffort,
    reasoningEffort,
  };
}

/** A model in the units of providers' price pages: US dollars per million tokens. */
export type CatalogModel = CatalogCapabilities & {
  id: string;
  label: string;
  /** One line in the model picker. */
  description: LocalizedText;
  kind: "chat" | "embedding";
  gate: Gate;
  /** What the upstream charges us (M8). */
  costUsdPerMillion: { input: number; cachedInput?: number | undefined; output: number };
  /** What the customer pays; by default the cost times the markup. */
  priceUsdPerMillion?: { input: number; cachedInput?: number | undefined; output: number } | undefined;
  /** Needed when the tokenizer's package does not know the model. */
  contextWindow?: number | undefined;
  maxOutputTokens?: number | undefined;
  upstream?: string | undefined;
  /** The model's name at its upstream; by default the id. */
  upstreamModel?: string | undefined;
  /** The model that answers when this one fails. */
  fallback?: string | undefined;
  listed?: boolean | undefined;
};

export const defaultMarkup = 1.2;

/**
 * OpenAI's models of autumn 2026 with their cost. The tokenizer's package knows their context windows but not
 * their current prices. MODELS_FILE replaces this list.
 */
export const builtInModels: CatalogModel[] = [
  {
    id: "gpt-5.4-mini",
    label: "GPT-5.4 mini",
    description: { en: "Fast, and good at most tasks.", de: "Schnell und für die meisten Aufgaben gut." },
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.75, cachedInput: 0.075, output: 4.5 },
    maxThinkingSeconds: 120,
    reasoningEffort: true,
    fallback: "gpt-4.1-mini",
  },
  {
    id: "gpt-5.4-nano",
    label: "GPT-5.4 nano",
    description: {
      en: "The fastest and cheapest, for simple questions.",
      de: "Das schnellste und günstigste Modell, für einfache Fragen.",
    },
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.2, cachedInput: 0.02, output: 1.25 },
    maxThinkingSeconds: 120,
    reasoningEffort: true,
  },
  {
    id: "gpt-4.1-mini",
    label: "GPT-4.1 mini",
    description: {
      en: "Answers right away, without reasoning first.",
      de: "Antwortet sofort, ohne vorher nachzudenken.",
    },
    kind: "chat",
    gate: "free",
    costUsdPerMillion: { input: 0.4, cachedInput: 0.1, output: 1.6 },
  },
  {
    id: "gpt-5.4",
    label: "GPT-5.4",
    description: {
      en: "For difficult questions and long documents.",
      de: "Für schwierige Fragen und lange Dokumente.",
    },
    kind: "chat",
    gate: "pro",
    costUsdPerMillion: { input: 2.5, cachedInput: 0.25, output: 15 },
    maxThinkingSeconds: 300,
    reasoningEffort: true,
    fallback: "gpt-4.1",
  },
  {
    id: "gpt-4.1",
    label: "GPT-4.1",
    description: {
      en: "A context of one million tokens, without reasoning first.",
      de: "Kontext von einer Million Token, ohne vorheriges Nachdenken.",
    },
    kind: "chat",
    gate: "pro",
    costUsdPerMillion: { input: 2, cachedInput: 0.5, output: 8 },
  },
  {
    id: "gpt-5.5",
    label: "GPT-5.5",
    description: {
      en: "The most capable model, for work that has to be right.",
      de: "Das leistungsfähigste Modell, für Arbeiten, die stimmen müssen.",
    },
    kind: "chat",
    gate: "enterprise",
    costUsdPerMillion: { input: 5, cachedInput: 0.5, output: 30 },
    maxThinkingSeconds: 600,
    reasoningEffort: true,
    fallback: "gpt-5.4",
  },
  {
    id: "text-embedding-3-small",
    label: "Embedding 3 small",
    description: { en: "Vectors with 1,536 dimensions.", de: "Vektoren mit 1.536 Dimensionen." },
    kind: "embedding",
    gate: "free",
    costUsdPerMillion: { input: 0.02, output: 0 },
    contextWindow: 8_192,
  },
  {
    id: "text-embedding-3-large",
    label: "Embedding 3 large",
    description: { en: "Vectors with 3,072 dimensions.", de: "Vektoren mit 3.072 Dimensionen." },
    kind: "embedding",
    gate: "free",
    costUsdPerMillion: { input: 0.13, output: 0 },
    contextWindow: 8_192,
  },
];

const failures: [name: string, en: string, de: string][] = [
  ["429", "Always responds with “too many requests”.", "Antwortet immer mit „zu viele Anfragen“."],
  [
    "429-once",
    "Responds once with “too many requests”, then answers.",
    "Antwortet einmal mit „zu viele Anfragen“, dann normal.",
  ],
  ["500", "Always fails.", "Schlägt immer fehl."],
  ["500-once", "Fails once, then answers.", "Schlägt einmal fehl und antwortet dann."],
  ["hang", "Never sends anything.", "Sendet nie etwas."],
  ["stall", "Stops sending in the middle of the answer.", "Sendet ab der Mitte der Antwort nichts mehr."],
  [
    "cut",
    "Closes the connection in the middle of the answer.",
    "Bricht die Verbindung mitten in der Antwort ab.",
  ],
  [
    "malformed",
    "Sends invalid data in the middle of the answer.",
    "Sendet mitten in der Antwort ungültige Daten.",
  ],
  [
    "error-midstream",
    "Reports an error in the middle of the answer.",
    "Meldet mitten in der Antwort einen Fehler.",
  ],
  ["no-usage", "Does not report its usage.", "Meldet seinen Verbrauch nicht."],
  ["invalid-key", "Rejects the API key.", "Lehnt den API-Schlüssel ab."],
  ["empty", "Sends an empty answer.", "Sendet eine leere Antwort."],
  ["endless", "Never ends its answer.", "Beendet seine Antwort nie."],
  ["thinking", "Reasons before it answers.", "Denkt nach, bevor es antwortet."],
  ["length", "Reaches its length limit.", "Erreicht seine Längenbegrenzung."],
  ["content-filter", "Is stopped by its content filter.", "Wird von seinem Inhaltsfilter gestoppt."],
];

/** Models of the OpenAI sandbox that fail on demand, for tests and demonstrations. */
export const sandboxModels: CatalogModel[] = failures.map(([name, en, de]) => ({
  id: `sandbox-${name}`,
  label: `Sandbox: ${name}`,
  description: { en, de },
  kind: "chat",
  gate: "free",
  costUsdPerMillion: { input: 0.4, cachedInput: 0.1, output: 1.6 },
  contextWindow: 128_000,
  maxOutputTokens: 32_768,
}));
