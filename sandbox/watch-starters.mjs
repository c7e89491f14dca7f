import { spawnSync } from "node:child_process";

// Plain JavaScript without packages: this runs with Node.js 20 or newer.

/**
 * Calls `gone` once when npm or its shell has ended, also after SIGKILL. npm runs a script in a shell, which
 * survives a killed npm, and some shells end without forwarding the signal, so both are watched. Does nothing
 * in a process that npm did not start, because its parent may legitimately end first.
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

/** The parent of the shell in which npm runs the script; undefined if the parent is npm or unknown. */
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
