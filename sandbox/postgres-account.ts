import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

type Ids = { uid: number; gid: number };

export type Account = {
  /** Whose the files must be; null where this process's own user runs the server. */
  ids: Ids | null;
  /** True when these ids alone could not enter the folders. */
  needsReach: boolean;
};

type Command = { command: string; args: readonly string[]; uid?: number; gid?: number };

/**
 * Who PostgreSQL runs as. A normal user runs it as itself. PostgreSQL refuses to run as root, so root runs it as the
 * owner of the existing data, or as `nobody`, which every system has.
 * @param dataDir where the data is or will be
 * @param binaries the folder of the server's programs
 */
export function chooseAccount(dataDir: string, binaries: string): Account {
  if (process.getuid?.() !== 0) return { ids: null, needsReach: false };
  const needsReach = ![dirname(resolve(dataDir)), binaries].every(isOpenToAll);
  return { ids: ownerOf(dataDir) ?? nobody(), needsReach };
}

/**
 * The command as the account runs it. A project in /root is closed to everyone else; there the server keeps one right
 * of root's, to pass by file permissions, through setpriv (part of every Linux that these binaries run on).
 */
export function commandAs({ ids, needsReach }: Account, command: string, args: readonly string[]): Command {
  if (ids === null) return { command, args };
  if (!needsReach) return { command, args, ...ids };
  const identity = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, "--clear-groups"];
  // access() forgets the right unless told not to, and PostgreSQL asks it about its own programs.
  const reach = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return { command: "setpriv", args: [...identity, ...reach, "--", command, ...args] };
}

function ownerOf(path: string): Ids | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

function nobody(): Ids {
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Whether every folder on the way may be entered by anyone. */
function isOpenToAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() && (found.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
