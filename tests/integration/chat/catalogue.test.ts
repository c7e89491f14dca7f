import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkCatalogue } from "#lib/chat/check-catalogue.ts";
import { priceList } from "#lib/usage/price-list.ts";
import { type ChatWorld, createChatWorld } from "#tests/integration/chat/chat-world.ts";

let world: ChatWorld;
beforeAll(async () => {
  world = await createChatWorld();
});
afterAll(() => world.close());

test("a model that its upstream does not have is named, and the others are there", async () => {
  const known = await checkCatalogue();
  const [model] = priceList();
  if (model === undefined) throw new Error("The price list is empty.");
  expect(known).not.toContain(model.id);
  const name = model.upstreamModel;
  model.upstreamModel = "gpt-0";
  expect(await checkCatalogue()).toEqual([...known, model.id].sort((a, b) => indexOf(a) - indexOf(b)));
  model.upstreamModel = name;
});

const indexOf = (id: string) => priceList().findIndex((model) => model.id === id);

test("an upstream that cannot be asked stops nobody", async () => {
  const [model] = priceList();
  if (model === undefined) throw new Error("The price list is empty.");
  await world.models.stop();
  await expect(checkCatalogue()).resolves.toEqual([]);
  vi.unstubAllEnvs();
});
