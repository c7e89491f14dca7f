import { type ChildProcess, spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  clientOf,
  controlOf,
  createPlan,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let dataDir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sandbox-stripe-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, "SIGKILL");
  await rm(dataDir, { recursive: true });
});

/** Starts the program like `npm run sandbox:stripe` and waits for the line with its address. */
async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ["sandbox/stripe/main.ts", "--port", "0", "--data", dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk;
      const said = /^stripe sandbox listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output)?.[1];
      if (said) resolve(said);
    });
    child.once("exit", (code) => reject(new Error(`the sandbox ended with ${code}: ${output}`)));
  });
  return { child, url };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return ended;
}

async function describeState(url: string) {
  const stripe = clientOf(url);
  return {
    customers: await all(stripe.customers.list()),
    subscriptions: await all(stripe.subscriptions.list({ status: "all" })),
    invoices: await all(stripe.invoices.list()),
    events: await all(stripe.events.list({ limit: 100 })),
  };
}

test.each(["SIGKILL", "SIGTERM"] as const)("every acknowledged object survives %s", async (signal) => {
  const first = await start();
  const stripe = clientOf(first.url);
  const { month } = await createPlan(stripe, "Pro", 1900);
  const { subscription } = await subscribe(stripe, month.id);
  await controlOf(first.url)("clock/advance", { months: 2 });
  const created = await stripe.customers.create(
    { email: "once@example.com" },
    { idempotencyKey: "same-key" },
  );
  const before = await describeState(first.url);
  const code = await end(first.child, signal);
  if (signal === "SIGTERM") expect(code).toBe(0);
  // SIGKILL during a write leaves an incomplete line.
  await appendFile(join(dataDir, "journal.jsonl"), '[["customers","cus_torn",{"id":"cus');

  const second = await start();
  expect(await describeState(second.url)).toEqual(before);
  const again = clientOf(second.url);
  const same = await again.customers.create({ email: "once@example.com" }, { idempotencyKey: "same-key" });
  expect(same.id).toBe(created.id);
  await controlOf(second.url)("clock/advance", { months: 1 });
  const invoices = await all(again.invoices.list({ subscription: subscription.id }));
  expect(invoices).toHaveLength(4);
});
