import { expect, test } from "vitest";
import { receiptCsv } from "#app/(workspace)/_shell/receipts/receipt-csv.ts";

const sums = {
  count: 2,
  promptTokens: 30,
  cachedTokens: 10,
  completionTokens: 20,
  reasoningTokens: 5,
  chargedMicros: 1_000_001,
  estimated: 0,
};

test("the CSV of a receipt has a row per scope, purpose and model, with exact amounts", () => {
  const line = { ...sums, model: "m", label: "M" };
  const scope = { models: [line], free: 1, copied: 0, running: 0 };
  const title = { ...sums, model: "small", label: "Small", purpose: "title" as const, chargedMicros: 0 };
  const csv = receiptCsv({ title: "t", whole: scope, branch: scope, sideCalls: [title] });
  expect(csv.split("\r\n").slice(1)).toEqual([
    "whole_chat,chat,m,2,30,10,20,5,1.000001",
    "whole_chat,title,small,2,30,10,20,5,0.000000",
    "current_branch,chat,m,2,30,10,20,5,1.000001",
    "",
  ]);
});
