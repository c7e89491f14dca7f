import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

export type ModelGroup = {
  kind: "favorites" | "inPlan" | "availableOn" | "sandbox";
  /** The plan's name; "" but for models of other plans. */
  plan: string;
  models: PickerModel[];
};

/**
 * Groups models: the favorites, those of the plan, those of each other plan, and the sandbox's failing ones.
 * Groups without a model are left out.
 */
export function groupModels(models: readonly PickerModel[], favorites: ReadonlySet<string>): ModelGroup[] {
  const others = models.filter(({ id }) => !favorites.has(id));
  const regular = others.filter(({ failing }) => !failing);
  const locked = regular.filter(({ isAvailable }) => !isAvailable);
  const groups: ModelGroup[] = [
    { kind: "favorites", plan: "", models: models.filter(({ id }) => favorites.has(id)) },
    { kind: "inPlan", plan: "", models: regular.filter(({ isAvailable }) => isAvailable) },
    ...[...new Set(locked.map(({ planName }) => planName))].map((plan) => ({
      kind: "availableOn" as const,
      plan,
      models: locked.filter(({ planName }) => planName === plan),
    })),
    { kind: "sandbox", plan: "", models: others.filter(({ failing }) => failing) },
  ];
  return groups.filter((group) => group.models.length > 0);
}

/**
 * Returns the models that contain every word of a query, in any order, case and accents, and whatever
 * separates the parts of a name: "gpt4.1" finds "GPT-4.1 mini".
 * @param wordsOf further words by which a model is found, in the reader's language
 */
export function filterModels(
  models: readonly PickerModel[],
  query: string,
  wordsOf: (model: PickerModel) => readonly string[],
): PickerModel[] {
  const wanted = query.split(/\s+/).map(fold).filter(Boolean);
  if (wanted.length === 0) return [...models];
  return models.filter((model) => {
    const { label, id, description } = model;
    const words = [label, id, description, ...wordsOf(model)].map(fold);
    return wanted.every((part) => words.some((word) => word.includes(part)));
  });
}

function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^\p{L}\p{N}]+/gu, "")
    .toLowerCase();
}
