import { useLocale, useTranslations } from "next-intl";
import { useTokenSize } from "#app/(workspace)/chat/_composer/_estimate/estimate-line.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { microsPerUsd } from "#lib/core/money.ts";

const microsPerCent = microsPerUsd / 100;

/** Returns functions that put a model's price and capabilities into words. */
export function useModelWords() {
  const t = useTranslations("chat.picker");
  const { price } = formatsFor(useLocale());
  const size = useTokenSize();
  return {
    /** What a typical answer costs: "about 0.3 cents per answer". */
    price: ({ typicalMicros }: PickerModel) => {
      if (typicalMicros === 0) return t("free");
      const cents = typicalMicros / microsPerCent;
      if (cents >= 100) return t("perAnswerDollars", { amount: price(typicalMicros) });
      return t("perAnswer", { cents: Number(cents.toPrecision(cents < 1 ? 1 : 2)) });
    },
    capabilities: ({ reasons, hasVision, contextWindow }: PickerModel) => [
      ...(reasons ? [t("reasoning")] : []),
      ...(hasVision ? [t("vision")] : []),
      t("context", { size: size(contextWindow) }),
    ],
  };
}
