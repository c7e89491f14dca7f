import type { GuardedProcess } from "#sandbox/guarded-process.ts";

/**
 * Starts a process and resolves when it has printed a line that matches.
 * @throws Error with its last lines if it exits before
 */
export async function untilOutput(
  name: string,
  pattern: RegExp,
  start: (onLine: (line: string) => void) => GuardedProcess,
): Promise<GuardedProcess> {
  const lines: string[] = [];
  const matched = Promise.withResolvers<void>();
  const process = start((line) => {
    lines.push(line);
    if (lines.length > 40) lines.shift();
    if (pattern.test(line)) matched.resolve();
  });
  const failed = process.exited.then(({ code }) => {
    throw new Error(`${name} ended with ${code} before it was ready:\n${lines.join("\n")}`);
  });
  // Later exits are the caller's matter.
  failed.catch(() => {});
  await Promise.race([matched.promise, failed]);
  return process;
}
