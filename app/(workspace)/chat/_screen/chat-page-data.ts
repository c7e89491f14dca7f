import { loadCreditSummary, loadEntitlements } from "#app/_http/request-facts.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { lowestPlanWith } from "#lib/billing/catalog/plans.ts";
import { imageHostsSetting } from "#lib/chat/images/image-hosts.ts";
import { env } from "#lib/core/env.ts";
import { type ModelStatus, statusOf } from "#lib/usage/health/model-status.ts";
import { defaultModelId, priceList } from "#lib/usage/price-list.ts";

/** A model in the picker. */
export type PickerModel = {
  id: string;
  label: string;
  description: string;
  inputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
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

/** Reads what the chat page shows besides the conversation: models and credit. */
export async function readChatPageData(identity: Identity): Promise<ChatPageData> {
  const [entitlements, credit] = await Promise.all([loadEntitlements(identity), loadCreditSummary(identity)]);
  const models = priceList()
    .filter((model) => model.kind === "chat" && model.listed)
    .map((model) => ({ model, health: statusOf(model) }))
    .map(({ model, health }) => ({
      id: model.id,
      label: model.label,
      description: model.description,
      inputMicrosPerMillion: model.price.inputMicrosPerMillion,
      outputMicrosPerMillion: model.price.outputMicrosPerMillion,
      failing: model.id.startsWith("sandbox-"),
      isAvailable: entitlements.gates.includes(model.gate),
      planName: lowestPlanWith(model.gate).name,
      status: health.status,
      answeredBy: health.status === "fallback" ? health.answeredBy.label : null,
    }));
  return {
    models,
    defaultModel: defaultModelId(),
    availableMicros: credit.availableMicros,
    allowanceMicros: credit.amountMicros,
    renewsAt: credit.renewsAt?.toISOString() ?? null,
    userName: identity.name,
    imageHosts: imageHostsSetting.current(),
    appName: env().APP_NAME,
  };
}
