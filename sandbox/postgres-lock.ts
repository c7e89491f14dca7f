import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes way for a new server where the last one was killed. PostgreSQL clears its lock file itself, but for one case:
 * when another process of the same user has got the dead server's number since, as is usual in a container that was
 * started again. A file whose process is gone stays: PostgreSQL reads from it whether the dead server's children live.
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

/** The name of a running process's program; null when there is none. Slim containers have no `ps`. */
async function commandOf(pid: number): Promise<string | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    if (existsSync("/proc/self/comm")) return await readFile(`/proc/${pid}/comm`, "utf8");
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return null;
  }
}
