import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { execPath } from "node:process";

export type RunningServer = { url: string; pid: number; stop: () => Promise<void> };

const ticksPerSecond = 100;

/** Starts a Node.js program and waits until its output contains the address that it listens on. */
export function startServer(
  args: string[],
  options: {
    env?: Record<string, string>;
    ready: RegExp;
    url: (match: RegExpExecArray) => string;
    cwd?: string;
  },
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const child = spawn(execPath, args, {
      env: {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "",
        NODE_ENV: "production",
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    let output = "";
    const listen = (bytes: Buffer) => {
      output = (output + bytes).slice(-20_000);
      const match = options.ready.exec(output);
      if (match === null || child.pid === undefined) return;
      child.stdout.off("data", listen);
      child.stdout.resume();
      resolve({ url: options.url(match), pid: child.pid, stop: () => stop(child) });
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", (bytes: Buffer) => {
      output = (output + bytes).slice(-20_000);
    });
    child.once("exit", (code) => reject(new Error(`${args.join(" ")} exited with ${code}:\n${output}`)));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.removeAllListeners("exit");
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
  });
}

/** Returns the CPU time of a process in milliseconds (user and system, all threads). Linux only. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

/** Returns the resident memory of a process in KiB. Linux only. */
export function residentKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}
