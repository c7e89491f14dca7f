import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Plain JavaScript without packages: this runs before anything is installed, on any Node.js from 20 on.

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Node.js 24, which comes as a package; everything but the first step runs on it. */
export const node = `${root}node_modules/node/bin/${process.platform === "win32" ? "node.exe" : "node"}`;

const marker = `${root}node_modules/.parley-installed`;

/** Ends with a sentence where this Node.js is too old to go on. */
export function requireNode20() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 20) return;
  process.stderr.write(`Parley needs Node.js 20 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/**
 * Installs what is missing by the lock file. What was installed is remembered by the lock file's hash, so that a second
 * start costs nothing and a changed lock file installs again.
 */
export function installPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(`${root}package-lock.json`))
    .digest("hex");
  if (existsSync(node) && existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const startedAt = Date.now();
  process.stdout.write("Installing packages (a minute or two, once) ...\n");
  if (!npm(["ci"])) {
    // A lock file written on another platform can lack this platform's optional binaries; install adds them, at its versions.
    process.stdout.write("npm ci refused the lock file; installing by it with npm install instead ...\n");
    if (!npm(["install", "--no-save"])) {
      process.stderr.write("The packages could not be installed; npm says why above.\n");
      process.exit(1);
    }
  }
  writeFileSync(marker, wanted);
  process.stdout.write(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

function npm(args) {
  const done = spawnSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  return done.status === 0;
}
