import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterModels, groupModels } from "#app/(workspace)/chat/_composer/_models/filter-models.ts";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";

const model = (id: string, change: Partial<PickerModel> = {}): PickerModel => ({
  ...{
    id,
    label: id,
    description: "",
    inputMicrosPerMillion: 1,
    outputMicrosPerMillion: 1,
    typicalMicros: 1,
  },
  ...{ contextWindow: 100, maxPromptTokens: 75, maxAnswerTokens: 50, usualAnswerTokens: 20 },
  ...{ hasVision: false, reasons: false, supports: { temperature: true, reasoningEffort: false } },
  ...{ failing: false, isAvailable: true, planName: "Free", status: "available" as const, answeredBy: null },
  ...change,
});
const mini = model("gpt-4.1-mini", { label: "GPT-4.1 mini", description: "Answers at once." });
const large = model("gpt-5.4", { label: "GPT-5.4", isAvailable: false, planName: "Pro", reasons: true });
const failing = model("sandbox-500", { label: "Sandbox: 500", failing: true });
const all = [mini, large, failing];
const words = ({ reasons }: PickerModel) => (reasons ? ["Denkt nach", "Réflexion"] : []);
const find = (query: string) => filterModels(all, query, words).map(({ id }) => id);

describe("filterModels", () => {
  test.each([
    ["gpt4.1", ["gpt-4.1-mini"]],
    ["GPT 4.1", ["gpt-4.1-mini"]],
    ["mini gpt", ["gpt-4.1-mini"]],
    ["at once", ["gpt-4.1-mini"]],
    ["denkt", ["gpt-5.4"]],
    ["reflexion", ["gpt-5.4"]],
    ["500", ["sandbox-500"]],
    ["nothing here", []],
    ["  ", ["gpt-4.1-mini", "gpt-5.4", "sandbox-500"]],
    ["-", ["gpt-4.1-mini", "gpt-5.4", "sandbox-500"]],
  ])("the query %j finds %j", (query, ids) => {
    expect(find(query)).toEqual(ids);
  });
});

describe("groupModels", () => {
  test("favorites come first, also those of another plan", () => {
    const groups = groupModels(all, new Set(["gpt-5.4"]));
    expect(groups.map(({ kind, models }) => [kind, models.map(({ id }) => id)])).toEqual([
      ["favorites", ["gpt-5.4"]],
      ["inPlan", ["gpt-4.1-mini"]],
      ["sandbox", ["sandbox-500"]],
    ]);
  });

  test("every model is in exactly one group, whatever the favorites", () => {
    fc.assert(
      fc.property(fc.subarray(all), fc.subarray(["gpt-5.4", "sandbox-500", "gone"]), (models, favorites) => {
        const grouped = groupModels(models, new Set(favorites)).flatMap((group) => group.models);
        expect(grouped.map(({ id }) => id).sort()).toEqual(models.map(({ id }) => id).sort());
      }),
    );
  });
});
