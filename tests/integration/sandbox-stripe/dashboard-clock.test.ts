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

test("the dashboard offers a jump to the next trial end only while a trial is running", async () => {
  const { stripe, url } = sandbox;
  const page = async () => (await fetch(url)).text();
  expect(await page()).not.toContain("Advance to end of trial");
  const { month } = await createPlan(stripe, "Pro", 1_900);
  const { subscription } = await subscribe(stripe, month.id, { trialDays: 14 });
  expect(await page()).toContain("Advance to end of trial");
  await fetch(url, { method: "POST", body: new URLSearchParams({ action: "trial-end" }) });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
  expect(await page()).not.toContain("Advance to end of trial");
});
