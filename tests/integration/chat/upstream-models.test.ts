import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkUpstreamModels } from "#lib/chat/generation/check-upstream-models.ts";
import { priceList } from "#lib/usage/price-list.ts";
import { type ChatTestEnv, startChatTestEnv } from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

test("checkUpstreamModels returns the models that their upstream does not list", async () => {
  const known = await checkUpstreamModels();
  const [model] = priceList();
  if (model === undefined) throw new Error("The price list is empty.");
  expect(known).not.toContain(model.id);
  const name = model.upstreamModel;
  model.upstreamModel = "gpt-0";
  expect(await checkUpstreamModels()).toEqual([...known, model.id].sort((a, b) => indexOf(a) - indexOf(b)));
  model.upstreamModel = name;
});

const indexOf = (id: string) => priceList().findIndex((model) => model.id === id);

test("checkUpstreamModels skips an upstream that does not answer", async () => {
  const [model] = priceList();
  if (model === undefined) throw new Error("The price list is empty.");
  await env.models.stop();
  await expect(checkUpstreamModels()).resolves.toEqual([]);
  vi.unstubAllEnvs();
});
