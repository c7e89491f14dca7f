import { Agent, request } from "node:http";
import { stdout } from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import Stripe from "stripe";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { startAnchorApp } from "#tests/bench/anchors/start.ts";
import { percentile } from "#tests/bench/load.ts";
import { startApp } from "#tests/bench/start-app.ts";
import { startServer } from "#tests/bench/start-server.ts";
import { createCustomers } from "#tests/bench/webhook-customers.ts";

/**
 * `npm run bench:webhooks` measures the Stripe webhook endpoint. First 1,000 webhooks within ten seconds, 30
 * % of them repetitions: all must be acknowledged (p95 below 200 ms) and processed by syncs with the sandbox.
 * Then the ingest rate, compared with a bare Next.js route that does one INSERT, interleaved.
 */
const total = 1_000;
const spanMs = 10_000;
const repeatShare = 0.3;
const customerCount = 100;
const secret = "sandbox-bench-secret-of-more-than-32-characters";
const signingSecret = "whsec_bench";
/**
 * Short rounds that alternate between both targets, so that other load on the machine affects both equally.
 */
const rounds = 15;
const ingestMs = 1_500;
const concurrency = 24;
const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
const root = fileURLToPath(new URL("../..", import.meta.url));

let eventCount = 0;

type Target = { url: string; signed: boolean };

const sandbox = await startServer([`${root}sandbox/stripe/main.ts`, "--port", "0"], {
  ready: /listening on (\S+)/,
  url: (match) => match[1] ?? "",
});
const database = await startPostgres({ ephemeral: true });
await prepareDatabase(database.url);
const sql = postgres(database.url, { max: 2 });
await sql`create table bench_inbox (id bigint primary key generated always as identity, payload text not null, at timestamptz default now())`;
const customers = await createCustomers(database.url, sandbox.url, customerCount);
const env = { STRIPE_API_BASE: sandbox.url, OPENAI_BASE_URL: "http://127.0.0.1:1/v1" };
const bare = await startAnchorApp(12_401, { BENCH_DATABASE_URL: database.url });
try {
  await acknowledgeAndProcess();
  await compareIngest();
} finally {
  await bare.stop();
  await sandbox.stop();
  await sql.end();
  await database.stop();
  agent.destroy();
}

/** Measures acknowledgment and processing with the worker in the app's process, which is the default. */
async function acknowledgeAndProcess(): Promise<void> {
  const app = await startApp({ port: 12_404, databaseUrl: database.url, secret, env });
  const target = { url: `${app.url}/api/webhooks/stripe`, signed: true };
  try {
    await Promise.all(Array.from({ length: 20 }, () => post(target, createEvent())));
    await untilProcessed();
    const events = withRepetitions();
    const startedAt = performance.now();
    const responses = await Promise.all(
      events.map(async (event, index) => {
        await pause((spanMs / total) * index);
        return post(target, event);
      }),
    );
    const bad = responses.filter(({ status }) => status !== 200).length;
    const waits = responses.map(({ ms }) => ms);
    const acknowledgedMs = performance.now() - startedAt;
    await untilProcessed();
    const processedMs = performance.now() - startedAt;
    const [row] = await sql`select count(*)::int as n from stripe_events where state = 'done'`;
    const p95 = percentile(waits, 0.95);
    stdout.write(
      `${total} webhooks, ${Math.round(total * repeatShare)} of them repetitions, within ${seconds(acknowledgedMs)} s: ` +
        `${total - bad} acknowledged, p50 ${percentile(waits, 0.5).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (bar: 200); ` +
        `${Number(row?.n) - 20} different ones processed after ${seconds(processedMs)} s\n`,
    );
    if (bad > 0 || p95 >= 200) process.exitCode = 1;
  } finally {
    await app.stop();
  }
}

/** Measures ingest only: no worker runs. */
async function compareIngest(): Promise<void> {
  const app = await startApp({
    port: 12_405,
    databaseUrl: database.url,
    secret,
    env: { ...env, WORKER: "off" },
  });
  const parley: Target = { url: `${app.url}/api/webhooks/stripe`, signed: true };
  const anchor: Target = { url: `${bare.url}/insert`, signed: false };
  try {
    const ratios: number[] = [];
    // Round 0 warms up both targets and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      const bareRate = await ingestRate(anchor);
      const parleyRate = await ingestRate(parley);
      if (round === 0) continue;
      ratios.push(parleyRate / bareRate);
      stdout.write(
        `round ${round}: bare INSERT ${bareRate.toFixed(0)} a second, Parley ${parleyRate.toFixed(0)} a second\n`,
      );
    }
    const ratio = ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
    stdout.write(`webhook ingest to a bare Next route with one INSERT: ${ratio.toFixed(2)} (bar: 0.8)\n`);
    if (!(ratio >= 0.8)) process.exitCode = 1;
  } finally {
    await app.stop();
  }
}

async function ingestRate(target: Target): Promise<number> {
  const ready = Array.from({ length: 4_000 }, createEvent);
  const from = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - from < ingestMs) {
      const event = ready.pop();
      if (event === undefined) return;
      const { status } = await post(target, event);
      if (status !== 200) throw new Error(`${target.url} responded with ${status}.`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return done / ((performance.now() - from) / 1_000);
}

/** Returns every event once and some of them again later. */
function withRepetitions(): Message[] {
  const events = Array.from({ length: total * (1 - repeatShare) }, createEvent);
  const originals = events.length;
  for (let index = 0; index < total * repeatShare; index += 1) {
    const original = events[Math.floor((index * originals) / (total * repeatShare))];
    if (original !== undefined) events.splice(Math.min(events.length, index * 3 + 5), 0, original);
  }
  return events;
}

type Message = { body: string; signature: string };

/** Returns an event as Stripe sends it, signed in advance so that signing is not measured. */
function createEvent(): Message {
  eventCount += 1;
  const customer = customers[eventCount % customers.length];
  const created = Math.floor(Date.now() / 1_000);
  const object = {
    id: `in_bench${eventCount}`,
    object: "invoice",
    customer,
    amount_due: 1_900,
    currency: "usd",
    lines: [],
  };
  const body = JSON.stringify({
    id: `evt_bench${eventCount}`,
    object: "event",
    api_version: Stripe.API_VERSION,
    created,
    livemode: false,
    type: "invoice.updated",
    data: { object: { ...object, description: "x".repeat(2_000) } },
  });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: signingSecret });
  return { body, signature };
}

function post(target: Target, { body, signature }: Message): Promise<{ status: number; ms: number }> {
  const sentAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      target.url,
      {
        method: "POST",
        agent,
        headers: {
          "content-type": "application/json",
          ...(target.signed && { "stripe-signature": signature }),
        },
      },
      (response) => {
        response.resume();
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, ms: performance.now() - sentAt }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function untilProcessed(): Promise<void> {
  const until = Date.now() + 120_000;
  while (Date.now() < until) {
    const [row] = await sql`select count(*)::int as n from stripe_events where state <> 'done'`;
    if (row?.n === 0) return;
    await pause(50);
  }
  const left = await sql`
    select state, last_error, count(*)::int as events from stripe_events where state <> 'done' group by 1, 2`;
  throw new Error(`Some events were not processed within two minutes: ${JSON.stringify(left)}`);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
