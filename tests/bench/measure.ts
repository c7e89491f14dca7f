import { type Answer, ask, dropConnections, type Path, percentile } from "#tests/bench/load.ts";
import { cpuMs, residentKib } from "#tests/bench/process.ts";

/** What one path did in one round. Times in ms, memory in KiB. */
export type Round = {
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

/** Measures one path once: 50 open streams, 200 open streams, then short answers as fast as they come. */
export async function measure(path: Path): Promise<Round> {
  dropConnections();
  await openStreams(path, 20);
  const fifty = await openStreams(path, 50);
  const twoHundred = await openStreams(path, 200);
  return {
    firstToken50P50: percentile(fifty.waits, 0.5),
    firstToken50P95: percentile(fifty.waits, 0.95),
    firstToken200P50: percentile(twoHundred.waits, 0.5),
    firstToken200P95: percentile(twoHundred.waits, 0.95),
    cpuPerStream: twoHundred.cpuPerStream,
    memoryPerStream: twoHundred.memoryPerStream,
    shortPerSecond: await shortAnswers(path),
  };
}

let counter = 0;

/**
 * Opens streams over one second, waits until all have ended; memory is read when the last one has its first
 * token.
 */
async function openStreams(path: Path, count: number) {
  const cpuBefore = cpuMs(path.pid);
  const memoryBefore = residentKib(path.pid);
  let started = 0;
  let memoryOpen = memoryBefore;
  const answers: Promise<Answer>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      answers.push(
        ask(path, openScript, counter++, () => {
          started += 1;
          if (started === count) memoryOpen = residentKib(path.pid);
        }),
      );
      if (answers.length < count) return;
      clearInterval(timer);
      resolve();
    }, 1000 / count);
  });
  const ended = await Promise.all(answers);
  complain(path, ended);
  return {
    waits: ended.map((answer) => answer.addedFirstTokenMs),
    cpuPerStream: (cpuMs(path.pid) - cpuBefore) / count,
    memoryPerStream: Math.max(0, memoryOpen - memoryBefore) / count,
  };
}

async function shortAnswers(path: Path): Promise<number> {
  const until = Date.now() + shortSeconds * 1000;
  let done = 0;
  const worker = async () => {
    while (Date.now() < until) {
      complain(path, [await ask(path, shortScript, counter++)]);
      done += 1;
    }
  };
  const from = Date.now();
  await Promise.all(Array.from({ length: shortConcurrency }, worker));
  return done / ((Date.now() - from) / 1000);
}

/** A number measured on failing requests is no number. */
function complain(path: Path, answers: Answer[]): void {
  const failed = answers.filter((answer) => !answer.ok).length;
  if (failed > 0) throw new Error(`${path.name}: ${failed} of ${answers.length} answers failed`);
}
