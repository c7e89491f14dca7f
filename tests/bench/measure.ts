import {
  type BenchTarget,
  dropConnections,
  percentile,
  type RequestResult,
  sendRequest,
} from "#tests/bench/load.ts";
import { cpuMs, residentKib } from "#tests/bench/start-server.ts";

/** Measurements of one target in one round. Times in ms, memory in KiB. */
export type RoundResult = {
  firstToken50P50: number;
  firstToken50P95: number;
  firstToken200P50: number;
  firstToken200P95: number;
  cpuPerStream: number;
  memoryPerStream: number;
  shortPerSecond: number;
};

const openScript = "bench-60-50";
const shortScript = "bench-20-0";
const shortSeconds = 4;
const shortConcurrency = 24;

/** Measures one target once: 50 open streams, 200 open streams, then short answers with full load. */
export async function measure(target: BenchTarget): Promise<RoundResult> {
  dropConnections();
  await openStreams(target, 20);
  const fifty = await openStreams(target, 50);
  const twoHundred = await openStreams(target, 200);
  return {
    firstToken50P50: percentile(fifty.waits, 0.5),
    firstToken50P95: percentile(fifty.waits, 0.95),
    firstToken200P50: percentile(twoHundred.waits, 0.5),
    firstToken200P95: percentile(twoHundred.waits, 0.95),
    cpuPerStream: twoHundred.cpuPerStream,
    memoryPerStream: twoHundred.memoryPerStream,
    shortPerSecond: await shortAnswers(target),
  };
}

let counter = 0;

/**
 * Opens streams over one second and waits until all have ended. Memory is read when the last one has received
 * its first token.
 */
async function openStreams(target: BenchTarget, count: number) {
  const cpuBefore = cpuMs(target.pid);
  const memoryBefore = residentKib(target.pid);
  let started = 0;
  let memoryOpen = memoryBefore;
  const answers: Promise<RequestResult>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      answers.push(
        sendRequest(target, openScript, counter++, () => {
          started += 1;
          if (started === count) memoryOpen = residentKib(target.pid);
        }),
      );
      if (answers.length < count) return;
      clearInterval(timer);
      resolve();
    }, 1000 / count);
  });
  const ended = await Promise.all(answers);
  assertSucceeded(target, ended);
  return {
    waits: ended.map((answer) => answer.addedFirstTokenMs),
    cpuPerStream: (cpuMs(target.pid) - cpuBefore) / count,
    memoryPerStream: Math.max(0, memoryOpen - memoryBefore) / count,
  };
}

async function shortAnswers(target: BenchTarget): Promise<number> {
  const until = Date.now() + shortSeconds * 1000;
  let done = 0;
  const worker = async () => {
    while (Date.now() < until) {
      assertSucceeded(target, [await sendRequest(target, shortScript, counter++)]);
      done += 1;
    }
  };
  const from = Date.now();
  await Promise.all(Array.from({ length: shortConcurrency }, worker));
  return done / ((Date.now() - from) / 1000);
}

/** Fails the run when a request failed: failed requests are faster and would falsify the result. */
function assertSucceeded(target: BenchTarget, answers: RequestResult[]): void {
  const failed = answers.filter((answer) => !answer.ok).length;
  if (failed > 0) throw new Error(`${target.name}: ${failed} of ${answers.length} answers failed`);
}
