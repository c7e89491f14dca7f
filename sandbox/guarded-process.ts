import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type GuardedProcess = {
  /** The pid, which is also the id of the process group with all child processes. */
  pid: number;
  exited: Promise<Exit>;
  /** Sends the stop signal, and SIGKILL to the whole group after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** Sends SIGKILL to the whole group. */
  kill(): void;
};

export type GuardedOptions = {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number | undefined;
  gid?: number | undefined;
  /** The signal that stops this command gracefully. */
  stopSignal?: "TERM" | "INT";
  /** Called for each output line. */
  onLine?: (line: string) => void;
};

/**
 * Runs "$@" and kills it when standard input closes, which also happens when the parent is killed with
 * SIGKILL. No started process outlives its parent. The watcher is in the same process group and is killed
 * with it.
 */
const guard = `
exec 3<&0 </dev/null
stop=$1; shift
"$@" 3<&- &
child=$!
trap : TERM INT HUP
(
  trap - TERM INT HUP
  cat <&3
  kill -s "$stop" "$child"
  waited=0
  while kill -0 "$child" && [ "$waited" -lt 60 ]; do sleep 0.25; waited=$((waited + 1)); done
  kill -s KILL 0
) >/dev/null 2>&1 &
exec 3<&-
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
exit "$code"
`;

/** Starts a command in its own process group that cannot outlive this process. */
export function startGuarded(options: GuardedOptions): GuardedProcess {
  const { command, args, stopSignal = "TERM", onLine } = options;
  const child = spawn("/bin/sh", ["-c", guard, "guard", stopSignal, command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => onLine?.(line));
  }
  // The pipe breaks if the command exits first; `exited` reports that.
  child.stdin.on("error", () => {});
  const exited = watchExit(child);
  return {
    pid: child.pid ?? -1,
    exited,
    kill: () => killGroup(child.pid),
    async stop(graceMs = 10_000) {
      child.stdin.end();
      const timer = setTimeout(() => killGroup(child.pid), graceMs);
      await exited.finally(() => clearTimeout(timer));
    },
  };
}

function watchExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      killGroup(child.pid);
      resolve({ code, signal });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has no processes left.
  }
}
