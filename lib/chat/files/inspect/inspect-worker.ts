import { parentPort, workerData } from "node:worker_threads";
import { inspectFile } from "#lib/chat/files/inspect/inspect-file.ts";
import { RejectedFile } from "#lib/chat/files/inspect/inspection.ts";

/** The program of a worker thread that inspects one file; see inspect-in-worker.ts. */
async function main(): Promise<void> {
  // The shape that inspectInWorker sends.
  const { bytes, name } = workerData as { bytes: Uint8Array; name: string };
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    parentPort?.postMessage({ inspection: await inspectFile(file, name) });
  } catch (error) {
    if (!(error instanceof RejectedFile)) throw error;
    parentPort?.postMessage({ problem: error.problem });
  }
}

await main();
