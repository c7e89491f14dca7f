import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type GuardedProcess = {
  /** Also the id of the process group, which holds everything the command starts. */
  pid: number;
  exited: Promise<Exit>;
  /** Asks the command to end, and ends its whole group by force when it has not after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** Ends the whole group at once, without asking. */
  kill(): void;
};

export type GuardedOptions = {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number | undefined;
  gid?: number | undefined;
  /** What makes this command end in order. */
  stopSignal?: "TERM" | "INT";
  /** Each line the command writes. */
  onLine?: (line: string) => void;
};

/**
 * Runs "$@" and ends it when standard input closes, which happens also when the process that started it is killed
 * without warning: so nothing started here ever outlives its starter. The watching part sits in the same process
 * group and is swept away with it.
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

/** Starts a command in a process group of its own that cannot outlive this process. */
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
  // The pipe breaks when the command ends first; that is told by `exited`.
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
    // Nothing of the group is left.
  }
}
