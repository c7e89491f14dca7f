import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { holdFor } from "#lib/usage/charge.ts";

/** Prompt tokens of "Hello" with the protocol's overhead. */
const shortPromptTokens = 10;

type Prices = Pick<PickerModel, "inputMicrosPerMillion" | "outputMicrosPerMillion">;

/**
 * Returns the charge of the cheapest possible answer, in micro-USD: the conversation, a short message, and
 * one token. With less credit the server refuses the message (M2).
 * @param contextTokens tokens of the messages before
 */
export function leastChargeMicros(prices: Prices, contextTokens: number): number {
  const { inputMicrosPerMillion, outputMicrosPerMillion } = prices;
  const price = {
    inputMicrosPerMillion,
    cachedInputMicrosPerMillion: inputMicrosPerMillion,
    outputMicrosPerMillion,
  };
  return holdFor({ price, promptTokens: contextTokens + shortPromptTokens, maxOutputTokens: 1 })
    .minimumMicros;
}

/** Returns the available model with the lowest least charge, if the credit covers it. */
export function findAffordableModel(
  models: PickerModel[],
  contextTokens: number,
  availableMicros: number,
): PickerModel | undefined {
  return models
    .filter((model) => model.isAvailable && !model.failing)
    .map((model) => ({ model, micros: leastChargeMicros(model, contextTokens) }))
    .filter(({ micros }) => micros <= availableMicros)
    .sort((one, other) => one.micros - other.micros)[0]?.model;
}
