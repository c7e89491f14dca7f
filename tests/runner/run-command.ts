import { execPath } from "node:process";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";

export type Command = {
  /** The stage that runs the command; every line of output starts with it. */
  stage: string;
  /** Arguments of Node.js: a program's path and its own arguments. */
  args: string[];
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
};

const running = new Set<GuardedProcess>();

/**
 * Runs a Node.js program and prints its output line by line, prefixed with the stage's name.
 * @returns null when it exited with code 0, otherwise the reason of the failure
 */
export async function runCommand({ stage, args, env, timeoutMs }: Command): Promise<string | null> {
  const child = startGuarded({
    command: execPath,
    args,
    cwd: process.cwd(),
    env,
    onLine: (line) => process.stdout.write(`${stage} | ${line}\n`),
  });
  running.add(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void child.stop();
  }, timeoutMs);
  try {
    const { code, signal } = await child.exited;
    if (timedOut) return `${stage} was stopped after ${timeoutMs / 1_000} s.`;
    return code === 0 ? null : `${stage} exited with ${code ?? signal}.`;
  } catch (error) {
    return `${stage} could not be started: ${error instanceof Error ? error.message : error}`;
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** Stops every running command and everything that it started. */
export async function stopCommands(): Promise<void> {
  await Promise.allSettled([...running].map((child) => child.stop(5_000)));
}
