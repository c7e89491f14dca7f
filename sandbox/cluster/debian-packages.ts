import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";

/** The programs of the cluster and the Debian packages that contain them. */
const packages = { caddy: "caddy", pgbouncer: "pgbouncer", openssl: "openssl" };
export type ClusterProgram = keyof typeof packages;

/** Debian's rule for package scripts: 101 forbids them to start services. */
const policyPath = "/usr/sbin/policy-rc.d";

/**
 * Returns the paths of the programs. Missing ones are installed with apt-get where this process may.
 * @throws Error with the command to run if one is missing and cannot be installed
 */
export function findPrograms(report: (line: string) => void): Record<ClusterProgram, string> {
  const missing = names().filter((name) => findInPath(name) === undefined);
  if (missing.length > 0)
    install(
      missing.map((name) => packages[name]),
      report,
    );
  const found = names().map((name): [ClusterProgram, string] => {
    const path = findInPath(name);
    if (path === undefined) throw new Error(`${name} could not be installed; see apt-get's output above.`);
    return [name, path];
  });
  // Contains every name.
  return Object.fromEntries(found) as Record<ClusterProgram, string>;
}

function names(): ClusterProgram[] {
  // Object.keys returns string[]; these are exactly the keys of the table.
  return Object.keys(packages) as ClusterProgram[];
}

function findInPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

function install(wanted: string[], report: (line: string) => void): void {
  const command = `apt-get install --no-install-recommends ${wanted.join(" ")}`;
  const canInstall = process.getuid?.() === 0 && findInPath("apt-get") !== undefined;
  if (!canInstall) throw new Error(`The cluster needs programs that are missing. Install them: ${command}`);
  report(`Installing ${wanted.join(", ")} ...`);
  // The packages would start their own services, on the ports of a real installation.
  const isOurs = !existsSync(policyPath);
  if (isOurs) writeFileSync(policyPath, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const options = { env, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
    spawnSync("apt-get", ["update", "-qq"], options);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...wanted], options);
  } finally {
    if (isOurs) rmSync(policyPath);
  }
}
