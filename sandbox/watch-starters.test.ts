import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { startGuarded } from "#sandbox/guarded-process.ts";

vi.setConfig({ testTimeout: 30_000 });

const module = JSON.stringify(fileURLToPath(new URL("watch-starters.mjs", import.meta.url)));

/**
 * Reports that it is running, and exits with a message when its parent is gone. One line, like npm scripts.
 */
const script = [
  `${process.execPath} --input-type=module -e '`,
  `import { watchStarters } from ${module};`,
  'watchStarters(() => { console.log("alone"); process.exit(0); });',
  'console.log("up", process.pid);',
  "setInterval(() => {}, 1000);'",
].join(" ");

/**
 * Imitates npm: runs the script in a shell and passes its text. The colon prevents the shell from exec'ing
 * the script.
 */
const likeNpm = `
  const text = process.argv[1] + "; :";
  const env = { ...process.env, npm_lifecycle_script: text };
  const shell = require("node:child_process").spawn("sh", ["-c", text], { env, stdio: "inherit" });
  console.log("shell", shell.pid);
  setInterval(() => {}, 1000);`;

/** A parent that starts npm and keeps running. */
const person = `
  const args = ["-e", ${JSON.stringify(likeNpm)}, ${JSON.stringify(script)}];
  const npm = require("node:child_process").spawn(process.execPath, args, { stdio: "inherit" });
  console.log("npm", npm.pid);
  setInterval(() => {}, 1000);`;

test.each(["npm", "shell"])("a script ends when its %s is killed without warning", async (whom) => {
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const guarded = startGuarded({ command: process.execPath, args: ["-e", person], onLine });
  const pidOf = (name: string) => Number(lines.find((line) => line.startsWith(name))?.split(" ")[1] ?? 0);
  await expect.poll(() => pidOf("up"), { timeout: 10_000 }).toBeGreaterThan(1);
  process.kill(pidOf(whom), "SIGKILL");
  await expect.poll(() => lines, { timeout: 10_000 }).toContain("alone");
  // Kills the remaining processes.
  guarded.kill();
});
