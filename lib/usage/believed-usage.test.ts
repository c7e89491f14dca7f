import { expect, test } from "vitest";
import { believeUsage } from "#lib/usage/believed-usage.ts";

const source = { upstream: "default", model: "m" };
const own = {
  ...{ promptTokens: 1_721, images: 1, receivedBytes: 661, maxTokens: 16_384, hasEnded: true },
  receivedTokens: async () => 175,
};
const reported = { promptTokens: 147, cachedTokens: 0, completionTokens: 175, reasoningTokens: 0 };

test("the prompt of a model that counts few tokens for an image is charged as it reports (M6)", async () => {
  expect(await believeUsage(reported, own, source)).toMatchObject({ promptTokens: 147, estimated: false });
});
