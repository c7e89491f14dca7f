import { spawnSync } from "node:child_process";

// Plain JavaScript without packages: this runs on any Node.js from 20 on.

/**
 * Calls `gone` once when whoever started this process is no longer there, however that came about. npm runs a script in a
 * shell, which stays when npm is killed without warning; and some shells end without passing a signal on to the script. So
 * both are watched. Not called in a process that npm did not start: what started that one may well leave before it.
 */
export function watchStarters(gone) {
  const script = process.env.npm_lifecycle_script;
  if (script === undefined) return;
  const parent = process.ppid;
  const npm = starterOfShell(parent, script);
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(watch);
    gone();
  }, 500);
  watch.unref();
}

/** Who started the shell that npm runs a script in; undefined when the parent is npm itself, or cannot be asked about. */
function starterOfShell(pid, script) {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
  const [, starter, args] = /^\s*(\d+)\s+(.*)/.exec(stdout ?? "") ?? [];
  return args !== undefined && / -c /.test(args) && args.includes(script) ? Number(starter) : undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
