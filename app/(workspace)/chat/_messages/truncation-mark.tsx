import { useTranslations } from "next-intl";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

type Props = { model: string | null; models: PickerModel[] };

/** Separates the messages that the last answer's model was sent from earlier ones that did not fit. */
export function TruncationMark({ model, models }: Props) {
  const t = useTranslations("chat");
  const label = models.find(({ id }) => id === model)?.label ?? model ?? t("answer.unknownModel");
  return (
    <p className="mb-9 flex items-center gap-3 text-muted-foreground text-xs before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
      <span className="max-w-[70%] text-center">{t("truncated", { model: label })}</span>
    </p>
  );
}
