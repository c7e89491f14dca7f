import { useCallback, useState } from "react";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { maxCompared } from "#lib/chat/generation/message-limit.ts";

/** The models that answer the next message: that of the composer, and the others that were selected. */
export function useComparedModels(models: PickerModel[], model: string) {
  const [selected, setOthers] = useState<string[]>([]);
  const others = selected.filter((id) => id !== model).slice(0, maxCompared - 1);
  const clear = useCallback(() => setOthers([]), []);
  const compared = [model, ...others].flatMap((id) => models.find((one) => one.id === id) ?? []);
  return { others, models: compared, setOthers, clear };
}
