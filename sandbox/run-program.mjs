import { spawn } from "node:child_process";
import { installPackages, node, requireNode20, root } from "./install.mjs";
import { watchStarters } from "./watch-starters.mjs";

/**
 * Installs missing packages with any Node.js, then runs a program in Node.js 24 with this process's
 * arguments. The IPC channel closes when this process ends, also after SIGKILL.
 */
export function runProgram(path) {
  requireNode20();
  installPackages();
  const child = spawn(node, [`${root}${path}`, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // A terminal sends Ctrl-C to both processes; forward signals that only this process received.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
  child.once("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
  watchStarters(() => child.kill("SIGTERM"));
}
