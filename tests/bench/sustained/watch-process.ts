import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { percentile } from "#tests/bench/load.ts";
import { cpuMs, residentKib } from "#tests/bench/start-server.ts";
import type { LoadedSystem } from "#tests/bench/sustained/start-system.ts";

type Sample = { atMs: number; residentMib: number; heapMib: number; loopDelayMs: number };

export type ProcessReport = {
  /** Medians of the fifth of the run after the warm-up, and of the last fifth. */
  residentMib: { warm: number; end: number };
  heapMib: { warm: number; end: number };
  /** The worst 99th percentile of the app's event-loop delay within an interval, and the median of them. */
  loopDelayMs: { median: number; worst: number };
  /** The 99th percentile of the client's own delay, which is part of every measured time. */
  clientDelayMs: number;
  /** Shares of one core. */
  appCpu: number;
  /** Share of all cores, of all programs. */
  machineCpu: number;
};

const intervalMs = 2_000;

/** Samples memory, event loop and CPU until `stop` is called. */
export function watchProcess({ pid, readMetric }: LoadedSystem) {
  const samples: Sample[] = [];
  const startedAtMs = performance.now();
  const cpuBefore = cpuMs(pid);
  const machineBefore = readMachineCpu();
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  const sample = async () => {
    const loopDelayMs = (await readMetric("parley_nodejs_eventloop_lag_p99_seconds")) * 1_000;
    const heapMib = (await readMetric("parley_nodejs_heap_size_used_bytes")) / 1_048_576;
    samples.push({ atMs: performance.now(), residentMib: residentKib(pid) / 1_024, heapMib, loopDelayMs });
  };
  // A busy app may answer late; the next sample does not wait for it.
  const timer = setInterval(() => void sample().catch(() => {}), intervalMs);

  return {
    async stop(): Promise<ProcessReport> {
      clearInterval(timer);
      own.disable();
      await sample();
      const seconds = (performance.now() - startedAtMs) / 1_000;
      const machine = readMachineCpu();
      const delays = samples.map(({ loopDelayMs }) => loopDelayMs);
      return {
        residentMib: compare(samples.map(({ residentMib }) => residentMib)),
        heapMib: compare(samples.map(({ heapMib }) => heapMib)),
        loopDelayMs: { median: percentile(delays, 0.5), worst: Math.max(...delays) },
        clientDelayMs: own.percentile(99) / 1e6,
        appCpu: (cpuMs(pid) - cpuBefore) / 1_000 / seconds,
        machineCpu: (machine.busy - machineBefore.busy) / (machine.total - machineBefore.total),
      };
    },
  };
}

/** The first fifth is the warm-up. */
function compare(values: number[]): { warm: number; end: number } {
  const fifth = Math.max(1, Math.floor(values.length / 5));
  return {
    warm: percentile(values.slice(fifth, 2 * fifth), 0.5),
    end: percentile(values.slice(-fifth), 0.5),
  };
}

/** Linux only; in ticks of all cores. */
function readMachineCpu(): { busy: number; total: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  return { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), total };
}
