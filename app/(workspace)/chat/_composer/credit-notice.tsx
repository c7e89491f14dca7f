import { useLocale, useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { useUpgrade } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { CreditRenewal } from "#app/(workspace)/chat/_composer/credit-renewal.tsx";
import { findAffordableModel, leastChargeMicros } from "#app/(workspace)/chat/_composer/least-charge.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  availableMicros: number;
  models: PickerModel[];
  /** The selected model. */
  model: string;
  /** Tokens of the conversation, which every further answer pays for. */
  contextTokens: number;
  allowanceMicros: number;
  renewsAt: string | null;
  onSelectModel: (model: string) => void;
};

/** The notice appears below this share of the allowance. */
const lowShare = 0.1;

/**
 * Says before sending that the credit covers no answer of the selected model, and offers a cheaper model, a
 * top-up and the plans; warns earlier that credit is low.
 */
export function CreditNotice(props: Props) {
  const { availableMicros, models, model, contextTokens, allowanceMicros, renewsAt, onSelectModel } = props;
  const t = useTranslations("chat.credit");
  const upgrade = useUpgrade();
  const openUpgrade = () => upgrade({ kind: "credit" });
  const { balance } = formatsFor(useLocale());
  const selected = models.find(({ id }) => id === model);
  const isShort = selected !== undefined && availableMicros < leastChargeMicros(selected, contextTokens);
  if (!isShort && availableMicros > allowanceMicros * lowShare) return null;
  const affordable = isShort ? findAffordableModel(models, contextTokens, availableMicros) : undefined;
  const shortTitle =
    affordable === undefined ? t("usedUp") : t("tooLittle", { model: selected?.label ?? model });
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-xl border bg-card py-2.5 pr-2.5 pl-4 text-sm"
    >
      <p>
        <strong className="font-medium">
          {isShort ? shortTitle : t("left", { amount: balance(availableMicros) })}
        </strong>{" "}
        <span className="text-muted-foreground">
          <CreditRenewal at={renewsAt} />
        </span>
      </p>
      <div className="flex flex-wrap gap-2">
        {affordable !== undefined && (
          <Button size="sm" onClick={() => onSelectModel(affordable.id)}>
            {t("useModel", { model: affordable.label })}
          </Button>
        )}
        {isShort && (
          <Button size="sm" variant="outline" onClick={openUpgrade}>
            {t("plans")}
          </Button>
        )}
        <Button
          size="sm"
          variant={isShort && affordable === undefined ? "default" : "outline"}
          onClick={openUpgrade}
        >
          {t("get")}
        </Button>
      </div>
    </div>
  );
}
