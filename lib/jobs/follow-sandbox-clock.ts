import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { db } from "#db/client.ts";
import { shiftClock } from "#lib/core/clock.ts";
import { log } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";

const lineSchema = z.object({ offset_seconds: z.number().int() });
const pauseMs = 1_000;

/**
 * Lives by the sandbox's clock: where somebody travels a month on in the Stripe sandbox, this process does too, so that
 * trials, allowances and grace end here when they end there. The sandbox tells of each change over one open connection.
 * Production refuses to start with a sandbox's address, so its time is always the wall's.
 * @param sandboxUrl where the Stripe sandbox listens
 * @returns stops following
 */
export function followSandboxClock(sandboxUrl: string): () => void {
  const controller = new AbortController();
  void follow(new URL("/_control/clock/stream", sandboxUrl), controller.signal);
  return () => controller.abort();
}

async function follow(url: URL, signal: AbortSignal): Promise<void> {
  let knownMs: number | undefined;
  while (!signal.aborted) {
    try {
      for await (const offsetMs of offsetsFrom(url, signal)) {
        shiftClock(offsetMs);
        if (knownMs !== undefined && offsetMs !== knownMs) await enqueueDueJobs();
        knownMs = offsetMs;
      }
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, "The sandbox's clock cannot be heard");
    }
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** How far the sandbox is ahead of the wall's clock, in milliseconds, at once and at each change. */
async function* offsetsFrom(url: URL, signal: AbortSignal): AsyncGenerator<number> {
  const { body } = await fetch(url, { signal });
  if (body === null) return;
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield lineSchema.parse(JSON.parse(line)).offset_seconds * 1_000;
  }
}

/** What time alone causes is looked after at once: the timetable runs by the wall's clock. */
async function enqueueDueJobs(): Promise<void> {
  await enqueue(db(), "billing.sweep", {}, { uniqueKey: "travelled" });
  await enqueue(db(), "usage.expire-grants", {}, { uniqueKey: "travelled" });
}
