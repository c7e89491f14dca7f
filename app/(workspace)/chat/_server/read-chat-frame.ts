import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import { plans } from "#lib/billing/plans.ts";
import { readSubscription } from "#lib/billing/read.ts";
import { now } from "#lib/ground/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { defaultModelId, priceList } from "#lib/usage/price-list.ts";

/** A model as the picker shows it. */
export type PickerModel = {
  id: string;
  label: string;
  description: string;
  inputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
  /** Whether this workspace's plan opens it, and which plan would. */
  open: boolean;
  planName: string;
};

export type ChatFrame = {
  models: PickerModel[];
  defaultModel: string;
  availableMicros: number;
  /** When the allowance comes again; null when nothing is known. */
  renewsAt: string | null;
  personName: string;
};

/** What the chat shows around a conversation: models, credit, and when there is more of it. */
export async function readChatFrame(identity: Identity): Promise<ChatFrame> {
  const at = now();
  const [balance, subscription] = await Promise.all([
    readBalance(db(), identity.workspaceId, at),
    readSubscription(db(), identity.workspaceId),
  ]);
  const entitlements = entitlementsOf(subscription, at);
  const due = freeAllowance(identity.workspaceCreatedAt, at);
  const given =
    entitlements.plan !== "free" || balance.grants.some((grant) => grant.sourceKey === due.sourceKey);
  const allowance = balance.grants.find((grant) => grant.kind === "allowance" || grant.kind === "trial");
  const models = priceList()
    .filter((model) => model.kind === "chat" && model.listed)
    .map((model) => ({
      id: model.id,
      label: model.label,
      description: model.description,
      inputMicrosPerMillion: model.price.inputMicrosPerMillion,
      outputMicrosPerMillion: model.price.outputMicrosPerMillion,
      open: entitlements.gates.includes(model.gate),
      planName: plans[model.gate].name,
    }));
  return {
    models,
    defaultModel: defaultModelId(),
    availableMicros: balance.availableMicros + (given ? 0 : due.amountMicros),
    renewsAt: (allowance?.expiresAt ?? due.expiresAt).toISOString(),
    personName: identity.name,
  };
}
