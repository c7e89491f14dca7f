import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

type Ids = { uid: number; gid: number };

export type Account = {
  /** The owner of the files; null if this process's user runs the server. */
  ids: Ids | null;
  /** Whether these ids cannot enter the folders without extra capabilities. */
  needsReach: boolean;
};

type Command = { command: string; args: readonly string[]; uid?: number; gid?: number };

/**
 * Chooses the user that runs PostgreSQL. PostgreSQL refuses to run as root, so root uses the owner of the
 * existing data, or `nobody`.
 * @param dataDir where the data is or will be
 * @param binaries the folder of the server's programs
 */
export function chooseAccount(dataDir: string, binaries: string): Account {
  if (process.getuid?.() !== 0) return { ids: null, needsReach: false };
  const needsReach = ![dirname(resolve(dataDir)), binaries].every(isOpenToAll);
  return { ids: ownerOf(dataDir) ?? nobody(), needsReach };
}

/**
 * Builds the command for the account. In a project below /root, which other users cannot enter, setpriv keeps
 * one capability of root: bypassing file permissions.
 */
export function commandAs({ ids, needsReach }: Account, command: string, args: readonly string[]): Command {
  if (ids === null) return { command, args };
  if (!needsReach) return { command, args, ...ids };
  const identity = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, "--clear-groups"];
  // access() ignores the capability unless it is ambient, and PostgreSQL calls it for its own programs.
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

/** Whether all parent folders can be entered by any user. */
function isOpenToAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() && (found.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
