import { useLocale, useTranslations } from "next-intl";
import type { Receipt } from "#lib/chat/generation/stream-events.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** An answer's model, tokens, cost and duration in one line, with details on demand. */
export function ReceiptLine({ receipt, label }: { receipt: Receipt; label: string }) {
  const t = useTranslations("chat.receipt");
  const { promptTokens, completionTokens, chargedMicros, estimated, firstTokenMs, durationMs } = receipt;
  const { cachedTokens, reasoningTokens } = receipt;
  const { count, money, tag } = formatsFor(useLocale());
  const seconds = (ms: number) =>
    (ms / 1000).toLocaleString(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const facts: [string, string][] = [
    [t("model"), label],
    [t("input"), t("tokens", { count: promptTokens })],
    ...fact(cachedTokens > 0, t("cached"), t("tokens", { count: cachedTokens })),
    [t("output"), t("tokens", { count: completionTokens })],
    ...fact(reasoningTokens > 0, t("reasoning"), t("tokens", { count: reasoningTokens })),
    ...fact(firstTokenMs !== null, t("firstToken"), t("seconds", { seconds: seconds(firstTokenMs ?? 0) })),
    [t("totalTime"), t("seconds", { seconds: seconds(durationMs) })],
    [t("charged"), money(chargedMicros)],
  ];
  return (
    <details className="ml-1 min-w-0 text-xs tabular-nums open:basis-full">
      <summary className="flex min-h-8 list-none items-center rounded-md px-1.5 hover:bg-muted pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        {t(estimated ? "lineEstimated" : "line", {
          model: label,
          input: count(promptTokens),
          output: count(completionTokens),
          cost: money(chargedMicros),
          seconds: seconds(durationMs),
        })}
      </summary>
      <dl className="mt-1 mb-2 grid w-fit min-w-56 grid-cols-[auto_auto] gap-x-4 gap-y-1 rounded-lg border bg-card p-3">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd className="text-right text-foreground">{value}</dd>
          </div>
        ))}
        {estimated && (
          <div className="col-span-2 max-w-64 whitespace-normal pt-1">
            <dt className="sr-only">{t("output")}</dt>
            <dd>{t("estimated")}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}

function fact(isKnown: boolean, name: string, value: string): [string, string][] {
  return isKnown ? [[name, value]] : [];
}
