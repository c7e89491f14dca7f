import { defaultModelId, findModel } from "#lib/usage/price-list.ts";
import { typicalAnswerMicros } from "#lib/usage/typical-answer.ts";

/** What a typical answer of the default model costs by the current price list; null without a price. */
export function typicalAnswer(): { model: string; costMicros: number } | null {
  const model = findModel(defaultModelId());
  if (model === undefined) return null;
  const costMicros = typicalAnswerMicros(model.price);
  return costMicros === 0 ? null : { model: model.label, costMicros };
}

/** How many typical answers an amount of credit pays for, rounded down to two significant digits. */
export function countAnswers(creditMicros: number, costMicros: number): number {
  const count = creditMicros / costMicros;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.floor(count / unit) * unit;
}
