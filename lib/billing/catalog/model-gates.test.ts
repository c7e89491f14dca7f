import { expect, test } from "vitest";
import { assertModelGates } from "#lib/billing/catalog/model-gates.ts";
import { planList } from "#lib/billing/catalog/plans.ts";

test("a model whose gate no plan opens is rejected by name", () => {
  expect(() => assertModelGates([{ id: "gpt-x", gate: "platinum" }])).toThrow(/gpt-x \("platinum"\).*free/);
});

test("every gate of a plan is accepted", () => {
  const models = planList.flatMap(({ gates }) => gates.map((gate) => ({ id: gate, gate })));
  expect(() => assertModelGates(models)).not.toThrow();
});
