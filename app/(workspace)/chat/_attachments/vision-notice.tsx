import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

type Props = { models: PickerModel[]; model: PickerModel; onModel: (model: string) => void };

/** Says that the model cannot see the images of the message, and offers one that can. */
export function VisionNotice({ models, model, onModel }: Props) {
  const t = useTranslations("attachments");
  const other = models.find((one) => one.hasVision && one.isAvailable && !one.failing);
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 px-4 pt-2 text-sm">
      {t("noVision", { model: model.label })}
      {other !== undefined && (
        <Button type="button" size="sm" variant="outline" onClick={() => onModel(other.id)}>
          {t("useModel", { model: other.label })}
        </Button>
      )}
    </p>
  );
}
