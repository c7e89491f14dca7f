import { expect, test, vi } from "vitest";
import { type GuardedOptions, startGuarded } from "#sandbox/guarded-process.ts";

vi.setConfig({ testTimeout: 30_000 });

/** Runs a small program and collects its output. */
function start(program: string, options: Partial<GuardedOptions> = {}) {
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const child = startGuarded({ command: process.execPath, args: ["-e", program], onLine, ...options });
  return { child, lines };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** An ended process keeps its pid until its parent has reaped it. */
async function expectGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
}

const withGrandchild = `
  const { spawn } = require("node:child_process");
  console.log(spawn("sleep", ["600"]).pid);
  setInterval(() => {}, 1000);`;

test("what a program writes and how it ended are told", async () => {
  const { child, lines } = start('console.log("out"); console.error("err"); process.exitCode = 7;');
  expect(await child.exited).toEqual({ code: 7, signal: null });
  await expect.poll(() => lines.toSorted()).toEqual(["err", "out"]);
});

test("a program that is stopped can end in its own way", async () => {
  const { child, lines } = start(
    'process.on("SIGTERM", () => { console.log("bye"); process.exit(0); }); setInterval(() => {}, 1000); console.log("up")',
  );
  await expect.poll(() => lines, { timeout: 10_000 }).toEqual(["up"]);
  await child.stop();
  expect(lines).toEqual(["up", "bye"]);
  expect(await child.exited).toEqual({ code: 0, signal: null });
});

test("a program that does not want to end is ended", async () => {
  const { child, lines } = start(
    'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log(process.pid)',
  );
  await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1);
  await child.stop(200);
  await expectGone(Number(lines[0]));
});

test.each(["stop", "kill"] as const)("what a program started goes with it on %s", async (way) => {
  const { child, lines } = start(withGrandchild);
  await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1);
  await child[way]();
  await child.exited;
  await expectGone(Number(lines[0]));
});

test("when the starter is killed without warning, everything it started ends", async () => {
  const starter = `
    import { startGuarded } from "#sandbox/guarded-process.ts";
    startGuarded({ command: process.execPath, args: ["-e", ${JSON.stringify(withGrandchild)}], onLine: (line) => {
      console.log(line);
      process.kill(process.pid, "SIGKILL");
    } });`;
  const { child, lines } = start("", { args: ["--input-type=module-typescript", "-e", starter] });
  // The shell may add its own "Killed".
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThan(0);
  await child.exited;
  await expectGone(Number(lines[0]));
});

test("a program that cannot be started is told by its exit code", async () => {
  const { child } = start("", { command: "/no/such/program", args: [] });
  expect((await child.exited).code).toBe(127);
});
