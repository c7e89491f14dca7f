import type { Receipt } from "#lib/chat/generation/stream-events.ts";
import { formatMoney } from "#lib/core/money.ts";

const number = new Intl.NumberFormat("en-US");
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** An answer's tokens, cost and duration in one line, with details on demand. */
export function ReceiptLine({ receipt, label }: { receipt: Receipt; label: string }) {
  const { promptTokens, completionTokens, chargedMicros, estimated, firstTokenMs, durationMs } = receipt;
  return (
    <details className="ml-1 text-xs tabular-nums open:basis-full">
      <summary className="flex min-h-8 list-none items-center rounded-md px-1.5 hover:bg-muted pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        {number.format(promptTokens)} in · {number.format(completionTokens)} out · {estimated && "about "}
        {formatMoney(chargedMicros)} · {seconds(durationMs)}
      </summary>
      <dl className="mt-1 mb-2 grid w-fit min-w-56 grid-cols-[auto_auto] gap-x-4 gap-y-1 rounded-lg border bg-card p-3">
        <dt>Model</dt>
        <dd className="text-right text-foreground">{label}</dd>
        <dt>Read</dt>
        <dd className="text-right text-foreground">{number.format(promptTokens)} tokens</dd>
        <dt>Written</dt>
        <dd className="text-right text-foreground">{number.format(completionTokens)} tokens</dd>
        {firstTokenMs !== null && (
          <>
            <dt>First word after</dt>
            <dd className="text-right text-foreground">{seconds(firstTokenMs)}</dd>
          </>
        )}
        <dt>Took</dt>
        <dd className="text-right text-foreground">{seconds(durationMs)}</dd>
        <dt>Charged</dt>
        <dd className="text-right text-foreground">{formatMoney(chargedMicros)}</dd>
        {estimated && (
          <dd className="col-span-2 max-w-64 whitespace-normal pt-1">
            The model did not say what it used, so we counted what was received.
          </dd>
        )}
      </dl>
    </details>
  );
}
