import * as knownModels from "gpt-tokenizer/models";
import { env, readSecret } from "#lib/core/env.ts";
import type { LocalizedText } from "#lib/core/locale.ts";
import { usd } from "#lib/core/money.ts";
import { singleton } from "#lib/core/singleton.ts";
import type { Upstream } from "#lib/gateways/openai/client.ts";
import type { ModerationTarget } from "#lib/gateways/openai/moderations.ts";
import { accepts, type Capabilities, type Needs } from "#lib/gateways/openai/request-body.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import type { Rates } from "#lib/usage/charge.ts";
import {
  builtInModels,
  type CatalogModel,
  defaultMarkup,
  type Gate,
  sandboxModels,
  toCapabilities,
} from "#lib/usage/model-catalog.ts";
import { type ModelsFile, readModelsFile } from "#lib/usage/models-file.ts";

export type { Rates } from "#lib/usage/charge.ts";
export type { Gate } from "#lib/usage/model-catalog.ts";

/** A model of the catalog with its limits, cost and price (M8). */
export type Model = {
  id: string;
  label: string;
  description: LocalizedText;
  kind: "chat" | "embedding";
  gate: Gate;
  upstream: string;
  upstreamModel: string;
  contextWindow: number;
  maxOutputTokens: number;
  price: Rates;
  cost: Rates;
  fallback: string | null;
  accepts: Capabilities;
  /** Unlisted models work by name alone. */
  listed: boolean;
};

type PriceList = {
  models: Model[];
  byId: Map<string, Model>;
  upstreams: Map<string, Upstream>;
  defaultModelId: string;
  titleModelId: string;
  moderation: ModerationTarget;
};

/** Returns all models, in the order of the catalog. */
export function priceList(): Model[] {
  return current().models;
}

/** Returns the model with this id; undefined when it is not in the catalog. */
export function findModel(id: string): Model | undefined {
  return current().byId.get(id);
}

/** Returns the model of a new conversation. */
export function defaultModelId(): string {
  return current().defaultModelId;
}

/** Returns the model that names conversations, at our cost. */
export function titleModelId(): string {
  return current().titleModelId;
}

/**
 * Returns the targets for a call to a model: its upstream, then that of its fallback.
 * @param needs leaves out a fallback that does not accept the request
 */
export function targetsOf(model: Model, needs: Needs = { vision: false, tools: false }): Target[] {
  const { byId, upstreams } = current();
  const fallback = model.fallback === null ? undefined : byId.get(model.fallback);
  const canFallBack = fallback !== undefined && accepts(fallback.accepts, needs);
  return [model, ...(canFallBack ? [fallback] : [])].flatMap((candidate) => {
    const upstream = upstreams.get(candidate.upstream);
    if (upstream === undefined) return [];
    return [{ upstream, model: candidate.upstreamModel, modelId: candidate.id, accepts: candidate.accepts }];
  });
}

/** Returns the model that checks input, where the operator has turned that on. */
export function moderationTarget(): ModerationTarget {
  return current().moderation;
}

/** Returns each upstream that has models in the catalog, with these models. */
export function upstreamsInUse(): { upstream: Upstream; models: Model[] }[] {
  const { models, upstreams } = current();
  return [...upstreams.values()]
    .map((upstream) => ({ upstream, models: models.filter((model) => model.upstream === upstream.name) }))
    .filter(({ models: own }) => own.length > 0);
}

function current(): PriceList {
  return singleton("price-list", buildPriceList);
}

const defaultModerationModel = "omni-moderation-latest";

/** Builds the list from MODELS_FILE or the built-in catalog, once per process. */
function buildPriceList(): PriceList {
  const { MODELS_FILE, OPENAI_BASE_URL, OPENAI_API_KEY } = env();
  const file = MODELS_FILE === undefined ? null : readModelsFile(MODELS_FILE);
  const sandbox = OPENAI_API_KEY.startsWith("sk-sandbox") ? sandboxModels : [];
  const upstreamEntries = new Map(file?.upstreams.map((entry) => [entry.name, entry]));
  const models = [...(file?.models ?? builtInModels), ...sandbox].map((model) => ({
    ...modelOf(model, file?.markup ?? defaultMarkup),
    accepts: toCapabilities(model, upstreamEntries.get(model.upstream ?? "default") ?? {}),
  }));
  const firstChat = models.find((model) => model.kind === "chat");
  if (firstChat === undefined) throw new Error("The price list has no chat model.");
  const defaultId = file?.defaultModel ?? firstChat.id;
  const fallbackTitle = models.some((model) => model.id === "gpt-5.4-nano") ? "gpt-5.4-nano" : defaultId;
  const standard = { name: "default", baseUrl: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY };
  const upstreams = upstreamsOf(file, standard);
  return {
    models,
    byId: new Map(models.map((model) => [model.id, model])),
    upstreams,
    defaultModelId: defaultId,
    titleModelId: file?.titleModel ?? fallbackTitle,
    moderation: {
      upstream: upstreams.get(file?.moderation?.upstream ?? "default") ?? standard,
      model: file?.moderation?.model ?? defaultModerationModel,
    },
  };
}

function upstreamsOf(file: ModelsFile | null, standard: Upstream): Map<string, Upstream> {
  const own = (file?.upstreams ?? []).map(({ name, baseUrl, apiKeyEnv }): [string, Upstream] => [
    name,
    { name, baseUrl, apiKey: readSecret(apiKeyEnv) },
  ]);
  return new Map([["default", standard], ...own]);
}

/** The limits of a model in the tokenizer's package. */
type KnownLimits = { context_window?: number; max_output_tokens?: number };

function modelOf(model: CatalogModel, markup: number): Omit<Model, "accepts"> {
  // The package exports one constant per model name; unknown names are undefined.
  const known = (knownModels as unknown as Record<string, KnownLimits | undefined>)[
    model.upstreamModel ?? model.id
  ];
  const contextWindow = model.contextWindow ?? known?.context_window ?? 128_000;
  const isChat = model.kind === "chat";
  return {
    id: model.id,
    label: model.label,
    description: model.description,
    kind: model.kind,
    gate: model.gate,
    upstream: model.upstream ?? "default",
    upstreamModel: model.upstreamModel ?? model.id,
    contextWindow,
    maxOutputTokens: isChat ? (model.maxOutputTokens ?? known?.max_output_tokens ?? 16_384) : 0,
    cost: ratesOf(model.costUsdPerMillion, 1),
    price:
      model.priceUsdPerMillion === undefined
        ? ratesOf(model.costUsdPerMillion, markup)
        : ratesOf(model.priceUsdPerMillion, 1),
    fallback: model.fallback ?? null,
    listed: model.listed ?? true,
  };
}

function ratesOf(dollars: CatalogModel["costUsdPerMillion"], factor: number): Rates {
  const rate = (amount: number) => Math.ceil(usd(amount * factor));
  return {
    inputMicrosPerMillion: rate(dollars.input),
    cachedInputMicrosPerMillion: rate(dollars.cachedInput ?? dollars.input),
    outputMicrosPerMillion: rate(dollars.output),
  };
}
