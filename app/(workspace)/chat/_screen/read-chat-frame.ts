import { readCredit } from "#app/(workspace)/_shell/read-credit.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import { defaultModelId, priceList } from "#lib/usage/price-list.ts";

/** A model as the picker shows it. */
export type PickerModel = {
  id: string;
  label: string;
  description: string;
  inputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
  /** One of the sandbox's, which fails on demand. */
  failing: boolean;
  /** Whether this workspace's plan opens it, and which plan would. */
  open: boolean;
  planName: string;
};

export type ChatFrame = {
  models: PickerModel[];
  defaultModel: string;
  availableMicros: number;
  /** Less than this pays for no answer at all. */
  leastMicros: number;
  /** What came with the current period. */
  allowanceMicros: number;
  /** When it comes again, ISO text; null while its payment is on its way or owed. */
  renewsAt: string | null;
  personName: string;
};

/** "Hello" with what the protocol adds; an answer is at least one token. */
const shortQuestionTokens = 10;

/** What the chat shows around a conversation: models, credit, and when there is more of it. */
export async function readChatFrame(identity: Identity): Promise<ChatFrame> {
  const { entitlements, month } = await readCredit(identity);
  const models = priceList()
    .filter((model) => model.kind === "chat" && model.listed)
    .map((model) => ({
      id: model.id,
      label: model.label,
      description: model.description,
      inputMicrosPerMillion: model.price.inputMicrosPerMillion,
      outputMicrosPerMillion: model.price.outputMicrosPerMillion,
      failing: model.id.startsWith("sandbox-"),
      open: entitlements.gates.includes(model.gate),
      planName: plans[model.gate].name,
    }));
  const costs = models
    .filter((model) => model.open)
    .map((model) => shortQuestionTokens * model.inputMicrosPerMillion + model.outputMicrosPerMillion);
  return {
    models,
    defaultModel: defaultModelId(),
    availableMicros: month.availableMicros,
    leastMicros: Math.ceil(Math.min(...costs, 1_000_000) / 1_000_000),
    allowanceMicros: month.amountMicros,
    renewsAt: month.renewsAt?.toISOString() ?? null,
    personName: identity.name,
  };
}
