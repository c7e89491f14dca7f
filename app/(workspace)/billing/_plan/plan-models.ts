import type { Gate } from "#lib/usage/price-list.ts";
import { priceList } from "#lib/usage/price-list.ts";

/** The labels of the chat models that a gate makes available. */
export function chatModelsWithGate(gate: Gate): string[] {
  return (
    priceList()
      .filter((model) => model.listed && model.kind === "chat" && model.gate === gate)
      // Sandbox models fail on purpose.
      .filter((model) => !model.id.startsWith("sandbox-"))
      .map((model) => model.label)
  );
}
