import type { Gate } from "#lib/usage/price-list.ts";
import { priceList } from "#lib/usage/price-list.ts";

/** The chat models that become available with a gate, by the names that people see. */
export function modelsBehind(gate: Gate): string[] {
  return (
    priceList()
      .filter((model) => model.listed && model.kind === "chat" && model.gate === gate)
      // Those of the sandbox fail on purpose; nobody chooses a plan for them.
      .filter((model) => !model.id.startsWith("sandbox-"))
      .map((model) => model.label)
  );
}
