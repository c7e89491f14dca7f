import { stdout } from "node:process";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { log } from "#lib/core/log.ts";
import { inSpan, setTracer } from "#lib/core/observability/tracing.ts";

/**
 * Measures what the calls for tracing cost while OTEL_EXPORTER_OTLP_ENDPOINT is not set, as a share of the
 * CPU time of the cheapest request: a route without database. Requests and calls are measured in turns within
 * one run. Fails when a request takes more than 1 % longer than without the calls.
 */
const rounds = 9;
const requests = 3_000;
const calls = 200_000;
const maxRatio = 1.01;

log.level = "silent";
const echo = route({ auth: "none", body: z.object({ count: z.int() }) }, ({ body: { count } }) => ({
  count,
}));
const url = "http://localhost:3000/api/things";
const headers = { "content-type": "application/json" };
const work = async () => 1;

const callsPerRequest = await countCalls();
await measureRequests();
await measureCalls();
const ratios: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const requestUs = await measureRequests();
  const callUs = await measureCalls();
  const ratio = requestUs / (requestUs - callsPerRequest * callUs);
  ratios.push(ratio);
  stdout.write(
    `request ${requestUs.toFixed(1)} us of CPU, ${callsPerRequest} tracing calls of ${(callUs * 1_000).toFixed(0)} ns: ` +
      `ratio ${ratio.toFixed(4)}\n`,
  );
}
const median = ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.POSITIVE_INFINITY;
stdout.write(`median ratio ${median.toFixed(4)}, at most ${maxRatio}\n`);
process.exit(median <= maxRatio ? 0 : 1);

/** How many spans a request would start. */
async function countCalls(): Promise<number> {
  let count = 0;
  const span = { traceId: "", traceparent: "", setName: () => {}, setAttributes: () => {}, end: () => {} };
  setTracer({
    startSpan: () => {
      count += 1;
      return span;
    },
  });
  await request();
  setTracer(undefined);
  return count;
}

function request(): Promise<Response> {
  return echo(new Request(url, { method: "POST", body: '{"count":1}', headers }));
}

/** The CPU time of a request in microseconds. */
function measureRequests(): Promise<number> {
  return cpuTimeOf(requests, async () => void (await (await request()).text()));
}

/** How much longer a call of a function takes when it is traced, in microseconds; tracing is off. */
async function measureCalls(): Promise<number> {
  const traced = await cpuTimeOf(calls, async () => void (await inSpan("name", {}, work)));
  const direct = await cpuTimeOf(calls, async () => void (await work()));
  return Math.max(0, traced - direct);
}

/** The user and system CPU time of one call, in microseconds. */
async function cpuTimeOf(count: number, run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
