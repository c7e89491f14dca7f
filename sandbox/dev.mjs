import { spawn } from "node:child_process";
import { installPackages, node, requireNode20, root } from "./install.mjs";
import { watchStarters } from "./watch-starters.mjs";

// `npm run dev`: installs what is missing on whatever Node.js is there, then goes on in Node.js 24.
// The channel to it tells it when this process is gone, however that came about.

requireNode20();
installPackages();

const child = spawn(node, [`${root}sandbox/dev.ts`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A terminal sends Ctrl-C to both; what was sent to this one alone is passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
child.once("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));

watchStarters(() => child.kill("SIGTERM"));
