import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listen, startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

/** Event resources that the sandbox implements; issuing, identity and payouts are not included. */
const families = [
  "billing_portal.",
  "charge.",
  "checkout.session.",
  "coupon.",
  "credit_note.",
  "customer.",
  "invoice.",
  "invoiceitem.",
  "payment_intent.",
  "payment_method.",
  "price.",
  "product.",
  "promotion_code.",
  "setup_intent.",
  "subscription_schedule.",
  "test_helpers.test_clock.",
];
const readmePath = fileURLToPath(new URL("../../../sandbox/stripe/README.md", import.meta.url));
const marks = { begin: "<!-- cli-triggers: begin -->", end: "<!-- cli-triggers: end -->" };
const lanes = 2;
/**
 * Events that the CLI's calls do not cause by Stripe's documentation: it cancels a schedule that has not
 * started, while "aborted" is sent when a delinquent subscription is canceled; and it stops nine days before
 * a schedule's end, while "expiring" is sent seven days before.
 */
const cannotCome = ["subscription_schedule.aborted", "subscription_schedule.expiring"];
/** A direct debit is answered one or two seconds after the call. */
const arrivalMs = 8_000;

const cli = findCli();
const run = promisify(execFile);
let home = "";

/** The failure of one event; null if it was triggered and arrived signed. */
type Outcome = { event: string; trouble: string | null };

describe.skipIf(cli === null)("the official CLI", () => {
  let outcomes: Outcome[] = [];
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "stripe-cli-"));
    outcomes = await triggerAll(await knownEvents());
  }, 300_000);
  afterAll(() => rm(home, { recursive: true, force: true }));

  test("the Stripe CLI lists events of every resource", () => {
    const missing = families.filter((family) => !outcomes.some(({ event }) => event.startsWith(family)));
    expect(missing).toEqual([]);
  });

  test("every event except the two documented ones is triggered and arrives signed", () => {
    const without = outcomes.filter(({ trouble }) => trouble !== null).map(({ event }) => event);
    expect(without.sort(), JSON.stringify(outcomes, null, 2)).toEqual(cannotCome);
  });

  test("the README's table matches the triggered events (`vitest -u` updates it)", async () => {
    const readme = await readFile(readmePath, "utf8");
    const [before, rest] = readme.split(marks.begin);
    const after = rest?.split(marks.end)[1];
    if (after === undefined) throw new Error("the README has lost the marks around its table");
    const table = tableOf(outcomes);
    const wanted = `${before}${marks.begin}\n\n${table}\n\n${marks.end}${after}`;
    await expect(wanted).toMatchFileSnapshot(readmePath);
  });
});

/** The binary of this platform; null if npm did not install it, which skips the tests above. */
function findCli(): string | null {
  const name = `@stripe/cli-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = join(dirname(manifest), "bin", process.platform === "win32" ? "stripe.exe" : "stripe");
    if (existsSync(binary)) return binary;
  } catch {
    // Not resolvable: the same as not installed.
  }
  console.warn(`skipped: ${name} is not installed, so the official CLI did not drive the sandbox`);
  return null;
}

function callCli(args: string[]) {
  // A separate home directory, so that no login is used; telemetry is off.
  const env = {
    NODE_ENV: process.env.NODE_ENV,
    PATH: process.env.PATH ?? "",
    HOME: home,
    STRIPE_CLI_TELEMETRY_OPTOUT: "1",
  };
  return run(cli ?? "", args, { env, timeout: 30_000 });
}

async function knownEvents(): Promise<string[]> {
  const { stdout } = await callCli(["trigger", "--help"]);
  const listed = stdout.split("Supported events:")[1]?.split("Usage:")[0] ?? "";
  const names = listed.split("\n").map((line) => line.trim());
  return names.filter((name) => families.some((family) => name.startsWith(family)));
}

async function triggerAll(events: string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = [...events];
  const work = async () => {
    for (let event = left.shift(); event !== undefined; event = left.shift()) {
      outcomes.push({ event, trouble: await trigger(event) });
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return outcomes.sort((a, b) => a.event.localeCompare(b.event));
}

/** Triggers one event against a separate sandbox, so that received events have no other cause. */
async function trigger(event: string): Promise<string | null> {
  const sandbox = await startSandbox("running");
  const listener = await listen(sandbox);
  try {
    await callCli(["trigger", event, "--api-key", "sk_test_123456789012", "--api-base", sandbox.url]);
    const types = () => listener.received.map(({ type }): string => type);
    await vi.waitFor(() => expect(types()).toContain(event), { timeout: arrivalMs });
    return null;
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    return stderr || (error instanceof Error ? error.message : String(error)).slice(0, 300);
  } finally {
    await listener.stop();
    await sandbox.stop();
  }
}

function tableOf(outcomes: Outcome[]): string {
  const width = Math.max(...outcomes.map(({ event }) => event.length)) + 2;
  const row = (name: string, works: string) => `| ${name.padEnd(width)} | ${works.padEnd(5)} |`;
  return [
    row("event", "works"),
    row("-".repeat(width), "-".repeat(5)),
    ...outcomes.map(({ event, trouble }) => row(`\`${event}\``, trouble === null ? "yes" : "no")),
  ].join("\n");
}
