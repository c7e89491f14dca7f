import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { type FileProblem, type Inspection, RejectedFile } from "#lib/chat/files/inspect/inspection.ts";
import { log } from "#lib/core/log.ts";

/** A file that takes longer is refused. */
const timeoutMs = 45_000;
/** Of one file; bytes outside the heap are limited by the size of files and of unpacked archives. */
const resourceLimits = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 48, stackSizeMb: 4 };

/** How many files of this process are in memory at the same time. */
const slots = pLimit(2);

type Result = { inspection: Inspection } | { problem: FileProblem };

/**
 * Inspects a file in a thread of its own, with limits of memory and time. At most two run at a time, and the
 * bytes are read when it is a file's turn.
 * @throws RejectedFile; tooLong also for a file that takes too long, unreadable for one that needs too much
 *   memory
 */
export function inspectInWorker(
  name: string,
  readBytes: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Inspection> {
  return slots(async () => {
    const result = await runWorker({ name, bytes: await readBytes() });
    if ("problem" in result) throw new RejectedFile(result.problem);
    return result.inspection;
  });
}

function runWorker(workerData: { name: string; bytes: Uint8Array<ArrayBuffer> }): Promise<Result> {
  // Next.js bundles this file elsewhere, so the program is found from the working directory.
  const program = `${process.cwd()}/lib/chat/files/inspect/inspect-worker.ts`;
  // The bytes move to the worker; a copy would block this thread.
  const transferList = [workerData.bytes.buffer];
  const worker = new Worker(program, { workerData, transferList, resourceLimits, env: {}, execArgv: [] });
  return new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => reject(new RejectedFile("tooLong")), timeoutMs);
    worker.once("message", resolve);
    worker.once("error", (error) => {
      // A parser that ran out of memory, or a defect in it.
      log.warn({ err: error }, "A file could not be inspected");
      reject(new RejectedFile("unreadable", error));
    });
    worker.once("exit", () => {
      clearTimeout(timer);
      reject(new RejectedFile("unreadable"));
    });
  }).finally(() => worker.terminate());
}
