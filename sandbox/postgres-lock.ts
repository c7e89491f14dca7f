import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes the lock file of a killed server if its pid now belongs to another program, which is common after a
 * container restart. PostgreSQL handles all other cases itself. A file whose process is gone stays, because
 * PostgreSQL uses it to find children of the dead server.
 * @throws when the data is in use; a server whose starter was killed is given a few seconds to end
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const path = join(dataDir, "postmaster.pid");
  for (let waited = 0; ; waited += 1) {
    const text = await readFile(path, "utf8").catch(() => "");
    const command = await commandOf(Number(text.split("\n")[0]));
    if (command === null) return;
    if (!command.includes("postgres")) return rm(path, { force: true });
    if (waited >= 50) throw new Error(`${dataDir} is in use. Is another "npm run dev" running?`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The program name of a process; null if it does not exist. Does not need `ps`. */
async function commandOf(pid: number): Promise<string | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    if (existsSync("/proc/self/comm")) return await readFile(`/proc/${pid}/comm`, "utf8");
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return null;
  }
}
