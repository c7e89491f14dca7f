import { useLocale, useTranslations } from "next-intl";
import { memo } from "react";
import { cn } from "#app/_ui/cn.ts";
import { estimatePrompt } from "#app/(workspace)/chat/_composer/_estimate/estimate-prompt.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  /** May lag behind what is typed. */
  draft: string;
  contextTokens: number;
  model: PickerModel;
  parameters: AnswerParameters;
};

/**
 * Tokens and cost of the message before it is sent, and how full the model's context is. It always has the
 * same height, so that nothing moves.
 */
export const EstimateLine = memo(function EstimateLine({ draft, contextTokens, model, parameters }: Props) {
  const t = useTranslations("chat.estimate");
  const { count, money, percent } = formatsFor(useLocale());
  const size = useTokenSize();
  const { promptTokens, costMicros, share, fit } = estimatePrompt(draft, contextTokens, model, parameters);
  const hasDraft = draft.trim() !== "";
  const isWarning = fit !== "fits";
  const shownShare = Math.min(1, share);
  return (
    <div className="mt-1.5 flex h-5 items-center justify-between gap-3 px-3 text-muted-foreground text-xs tabular-nums">
      <p className="min-w-0 truncate">
        {hasDraft && fit !== "tooLong" && t("line", { tokens: count(promptTokens), cost: money(costMicros) })}
      </p>
      <div className={cn("flex shrink-0 items-center gap-2", isWarning && "text-warning")}>
        <p role="status">{isWarning && t(fit, { model: model.label })}</p>
        <meter className="sr-only" min={0} max={1} value={shownShare} aria-label={t("meter")}>
          {percent(shownShare)}
        </meter>
        {(fit === "fits" || fit === "nearlyFull") && (
          <span>{t("used", { share: percent(roundUp(share)), size: size(model.contextWindow) })}</span>
        )}
        <span aria-hidden className="h-1.5 w-10 overflow-hidden rounded-full bg-border">
          <span
            className={cn("block h-full rounded-full", isWarning ? "bg-warning" : "bg-accent")}
            style={{ width: `${shownShare * 100}%` }}
          />
        </span>
      </div>
    </div>
  );
});

/** A little is shown as one percent, not as nothing. */
function roundUp(share: number): number {
  return Math.ceil(share * 100) / 100;
}

/** Formats a number of tokens in short: "128K", "1M". */
export function useTokenSize(): (tokens: number) => string {
  const { tag } = formatsFor(useLocale());
  const format = new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  return (tokens) => format.format(tokens);
}
