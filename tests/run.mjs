import { spawn } from "node:child_process";
import { installPackages, node, requireNode20, root } from "../sandbox/install.mjs";
import { watchStarters } from "../sandbox/watch-starters.mjs";

// `npm test`: installs missing packages on any Node.js from 20 on, then runs tests/runner/main.ts on Node.js
// 24. The IPC channel tells it when this process is gone.

requireNode20();
installPackages();

const child = spawn(node, [`${root}tests/runner/main.ts`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A terminal sends Ctrl-C to both processes; other signals reach only this one and are passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
child.once("exit", (code) => process.exit(code ?? 1));

watchStarters(() => child.kill("SIGTERM"));
