import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { db } from "#db/client.ts";
import { shiftClock } from "#lib/core/clock.ts";
import { log } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";

const lineSchema = z.object({ offset_seconds: z.number().int() });
const pauseMs = 1_000;

/**
 * Applies the sandbox's clock offset to this process, so that trials, allowances and grace periods end at the
 * same time as in the Stripe sandbox. The sandbox streams changes over one connection. Production does not
 * start with a sandbox URL, so it always uses real time.
 * @param sandboxUrl the URL of the Stripe sandbox
 * @returns stops following
 */
export function followSandboxClock(sandboxUrl: string): () => void {
  const controller = new AbortController();
  void follow(new URL("/_control/clock/stream", sandboxUrl), controller.signal);
  return () => controller.abort();
}

async function follow(url: URL, signal: AbortSignal): Promise<void> {
  let lastOffsetMs: number | undefined;
  while (!signal.aborted) {
    try {
      for await (const offsetMs of readOffsets(url, signal)) {
        shiftClock(offsetMs);
        if (lastOffsetMs !== undefined && offsetMs !== lastOffsetMs) await enqueueDueJobs();
        lastOffsetMs = offsetMs;
      }
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, "The connection to the sandbox's clock failed");
    }
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Yields the sandbox's offset from real time in milliseconds, initially and after each change. */
async function* readOffsets(url: URL, signal: AbortSignal): AsyncGenerator<number> {
  const { body } = await fetch(url, { signal });
  if (body === null) return;
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield lineSchema.parse(JSON.parse(line)).offset_seconds * 1_000;
  }
}

/** Starts the scheduled jobs that depend on the time, because schedules use real time. */
async function enqueueDueJobs(): Promise<void> {
  await enqueue(db(), "billing.sweep", {}, { uniqueKey: "clock-changed" });
  await enqueue(db(), "usage.expire-grants", {}, { uniqueKey: "clock-changed" });
  await enqueue(db(), "account.start-due-deletions", {}, { uniqueKey: "clock-changed" });
}
