/**
 * Runs `work` and returns the CPU time of the longest turn of the event loop, and of all. CPU time of this
 * thread does not depend on what else runs on the machine.
 */
export async function measureTurns<T>(work: () => Promise<T>) {
  let maxMs = 0;
  let running = true;
  const cpuMs = () => process.threadCpuUsage().user / 1_000;
  const startMs = cpuMs();
  let lastMs = startMs;
  const tick = () => {
    const ms = cpuMs();
    maxMs = Math.max(maxMs, ms - lastMs);
    lastMs = ms;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  const result = await work();
  await new Promise(setImmediate);
  running = false;
  const totalMs = cpuMs() - startMs;
  return { result, maxMs, totalMs };
}
