import { getLocale } from "next-intl/server";
import { loadCreditSummary, loadEntitlements } from "#app/_http/request-facts.ts";
import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { lowestPlanWith } from "#lib/billing/catalog/plans.ts";
import { readChatPreferences } from "#lib/chat/conversations/chat-preferences.ts";
import type {
  AnswerParameters,
  ParameterSupport,
} from "#lib/chat/generation/parameters/answer-parameters.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { maxAnswerTokens, maxPromptTokens } from "#lib/chat/start/prompt.ts";
import { env } from "#lib/core/env.ts";
import { type Locale, localize } from "#lib/core/locale.ts";
import { type ModelStatus, statusOf } from "#lib/usage/health/model-status.ts";
import { usualOutputTokens } from "#lib/usage/likely-output.ts";
import { defaultModelId, type Model, priceList } from "#lib/usage/price-list.ts";
import { typicalAnswerMicros } from "#lib/usage/typical-answer.ts";

/** A model in the picker. */
export type PickerModel = {
  id: string;
  label: string;
  description: string;
  inputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
  /** The charge of a typical answer, in micro-USD. */
  typicalMicros: number;
  /** What fits into its context, its longest prompt and answer in the chat, and a usual answer, in tokens. */
  contextWindow: number;
  maxPromptTokens: number;
  maxAnswerTokens: number;
  usualAnswerTokens: number;
  hasVision: boolean;
  /** Whether it may think before it answers. */
  reasons: boolean;
  supports: ParameterSupport;
  /** A sandbox model that fails on demand. */
  failing: boolean;
  /** Whether the workspace's plan includes it. */
  isAvailable: boolean;
  /** The name of the cheapest plan that includes it. */
  planName: string;
  /** Whether it answers now, when the page was loaded. */
  status: ModelStatus["status"];
  /** The name of the fallback that answers instead; null unless the status is "fallback". */
  answeredBy: string | null;
};

export type ChatPageData = {
  models: PickerModel[];
  /** The ids of the user's favorite models. */
  favorites: string[];
  /** How the answers of a new chat are made. */
  newChatParameters: AnswerParameters;
  defaultModel: string;
  availableMicros: number;
  /** The credit of the current credit. */
  allowanceMicros: number;
  /** When it renews, ISO 8601; null while the month's payment is pending or overdue. */
  renewsAt: string | null;
  userName: string;
  /** The hosts from which answers may show images. */
  imageHosts: string[];
  appName: string;
};

/** Reads what the chat page shows besides the conversation: models, preferences and credit. */
export async function readChatPageData(identity: Identity): Promise<ChatPageData> {
  const [locale, entitlements, credit, preferences] = await Promise.all([
    getLocale(),
    loadEntitlements(identity),
    loadCreditSummary(identity),
    readChatPreferences(db(), identity.userId),
  ]);
  const models = priceList()
    .filter((model) => model.kind === "chat" && model.listed)
    .map((model) => toPickerModel(model, entitlements.gates, locale));
  return {
    models,
    favorites: preferences.favoriteModels,
    newChatParameters: preferences.parameters,
    defaultModel: defaultModelId(),
    availableMicros: credit.availableMicros,
    allowanceMicros: credit.amountMicros,
    renewsAt: credit.renewsAt?.toISOString() ?? null,
    userName: identity.name,
    imageHosts: imageHostsSetting.current(),
    appName: env().APP_NAME,
  };
}

function toPickerModel(model: Model, gates: readonly string[], locale: Locale): PickerModel {
  const health = statusOf(model);
  const { price, accepts } = model;
  const { reasoningEffort, temperature, maxThinkingMs, returnReasoningAs, startsThinking } = accepts;
  return {
    id: model.id,
    label: model.label,
    description: localize(model.description, locale),
    inputMicrosPerMillion: price.inputMicrosPerMillion,
    outputMicrosPerMillion: price.outputMicrosPerMillion,
    typicalMicros: typicalAnswerMicros(price),
    contextWindow: model.contextWindow,
    maxPromptTokens: maxPromptTokens(model),
    maxAnswerTokens: maxAnswerTokens(model),
    usualAnswerTokens: usualOutputTokens(model.id),
    hasVision: accepts.vision,
    reasons: reasoningEffort || maxThinkingMs !== null || returnReasoningAs !== null || startsThinking,
    supports: { temperature, reasoningEffort },
    failing: model.id.startsWith("sandbox-"),
    isAvailable: gates.includes(model.gate),
    planName: lowestPlanWith(model.gate).name,
    status: health.status,
    answeredBy: health.status === "fallback" ? health.answeredBy.label : null,
  };
}
