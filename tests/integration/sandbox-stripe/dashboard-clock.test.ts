import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createPlan,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

test("the dashboard leads to the end of the trial that ends first, and says so only while one runs", async () => {
  const { stripe, url } = sandbox;
  const page = async () => (await fetch(url)).text();
  expect(await page()).not.toContain("To the end of the trial");
  const { month } = await createPlan(stripe, "Pro", 1_900);
  const { subscription } = await subscribe(stripe, month.id, { trialDays: 14 });
  expect(await page()).toContain("To the end of the trial");
  await fetch(url, { method: "POST", body: new URLSearchParams({ action: "trial-end" }) });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
  expect(await page()).not.toContain("To the end of the trial");
});
