import type { NamedReceipt } from "#app/(workspace)/_shell/receipts/actions.ts";
import type { ModelSums } from "#lib/chat/conversations/conversation-receipt.ts";
import { toCsv } from "#lib/usage/usage-csv.ts";

const header = [
  "scope",
  "purpose",
  "model",
  "calls",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "charged_usd",
];

/**
 * Formats a receipt as CSV: one row per scope, purpose and model. The rows of the branch are contained in
 * those of the whole chat. Amounts are in US dollars with six digits, so that sums stay exact.
 */
export function receiptCsv({ whole, branch, sideCalls }: NamedReceipt): string {
  const row = (scope: string, purpose: string, sums: ModelSums) => [
    ...[scope, purpose, sums.model, sums.count, sums.promptTokens, sums.cachedTokens, sums.completionTokens],
    ...[sums.reasoningTokens, (sums.chargedMicros / 1_000_000).toFixed(6)],
  ];
  return toCsv(header, [
    ...whole.models.map((sums) => row("whole_chat", "chat", sums)),
    ...sideCalls.map((sums) => row("whole_chat", sums.purpose, sums)),
    ...branch.models.map((sums) => row("current_branch", "chat", sums)),
  ]);
}
