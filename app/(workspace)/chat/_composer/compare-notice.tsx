import { Columns2, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { leastChargeMicros } from "#app/(workspace)/chat/_composer/least-charge.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

type Props = {
  /** The models that answer the next message side by side. */
  compared: PickerModel[];
  /** Tokens of the conversation, which every answer pays for. */
  contextTokens: number;
  availableMicros: number;
  onClear: () => void;
};

/** Names the models that answer the next message side by side, and says if the credit may not cover all. */
export function CompareNotice({ compared, contextTokens, availableMicros, onClear }: Props) {
  const t = useTranslations("chat.compare");
  const covered = countCovered(compared, contextTokens, availableMicros);
  return (
    <div
      role="status"
      className="mb-3 flex items-center gap-3 rounded-xl border bg-card py-1.5 pr-1.5 pl-4 text-sm"
    >
      <Columns2 aria-hidden className="size-4 shrink-0 text-accent" />
      <div className="min-w-0 flex-1">
        <p>{t("selected", { models: compared.map(({ label }) => label).join(", ") })}</p>
        {covered < compared.length && (
          <p className="text-warning">{t("notAllFit", { count: covered, total: compared.length })}</p>
        )}
      </div>
      <Button type="button" variant="ghost" size="icon-sm" aria-label={t("clear")} onClick={onClear}>
        <X aria-hidden />
      </Button>
    </div>
  );
}

/** How many of the answers the credit covers in the order in which they start, each at least in part. */
function countCovered(models: PickerModel[], contextTokens: number, availableMicros: number): number {
  let left = availableMicros;
  return models.filter((model) => {
    const micros = likelyChargeMicros(model, contextTokens);
    const isCovered = micros <= left;
    if (isCovered) left -= micros;
    return isCovered;
  }).length;
}

/** The length of a usual answer, in tokens. */
const usualAnswerTokens = 600;

function likelyChargeMicros(model: PickerModel, contextTokens: number): number {
  const answerMicros = Math.ceil((model.outputMicrosPerMillion * usualAnswerTokens) / 1_000_000);
  return leastChargeMicros(model, contextTokens) + answerMicros;
}
